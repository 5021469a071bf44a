"""A page in headless Chromium, spoken to through its --remote-debugging-pipe."""
import base64
import json
import os
import shutil
import subprocess
import tempfile

NAMES = ["chromium", "chromium-browser", "google-chrome"]


def find():
    """The browser's path, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    def __init__(self, path, width=960, height=800, dark=False):
        self.folder = tempfile.mkdtemp()
        self.errors = []
        self.session = None
        self.count = 0
        self._start()
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Runtime", "Page", "DOM", "Log"]:
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def _start(self):
        from_us, self.to = os.pipe()
        self.source, from_it = os.pipe()
        os.set_inheritable(from_us, True)
        os.set_inheritable(from_it, True)
        # The browser reads descriptor 3 and writes 4.
        command = 'exec "$@" 3<&%d 4>&%d' % (from_us, from_it)
        self.process = subprocess.Popen(
            ["bash", "-c", command, "bash", find(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", "--user-data-dir=" + self.folder, "about:blank"],
            close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(from_us)
        os.close(from_it)
        self.stream = os.fdopen(self.source, "rb")

    def _read(self):
        message = bytearray()
        while (byte := self.stream.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("the browser ended")
            message += byte
        message = json.loads(message)
        entry = message.get("params", {}).get("entry", {})
        if message.get("method") == "Runtime.exceptionThrown" or entry.get("level") == "error":
            self.errors.append(message["params"])
        return message

    def call(self, method, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self._write(json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self.count:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _write(self, data):
        while data:
            data = data[os.write(self.to, data):]

    def run(self, expression):
        """The value of a JavaScript expression, when it is there."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description", "thrown"))
        return result["result"].get("value")

    def shown(self):
        """Waits until what was entered is shown."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText")

    def open_file(self, selector, path):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[os.path.abspath(path)], nodeId=node)

    def draw(self, points):
        """With the mouse, in shares of the first sheet's width and height."""
        left, top, width, height = self.run("(r => [r.x, r.y, r.width, r.height])"
                                            "(document.querySelector('.sheet canvas').getBoundingClientRect())")
        for i, (x, y) in enumerate([*points, points[-1]]):
            kind = "mousePressed" if i == 0 else "mouseMoved" if i < len(points) else "mouseReleased"
            self.call("Input.dispatchMouseEvent", type=kind, button="left", buttons=1, clickCount=1,
                      x=left + x * width, y=top + y * height)
        self.shown()

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.stream.close()
        os.close(self.to)
        shutil.rmtree(self.folder, ignore_errors=True)
