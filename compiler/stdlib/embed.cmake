# Writes a C file that holds the standard library's sources:
#   cmake -DOUTPUT=stdlib.c "-DFILES=a.net;b.net" -P embed.cmake
set(entries "")
set(count 0)
foreach(path IN LISTS FILES)
  get_filename_component(name "${path}" NAME)
  # as bytes: a string literal has a length that compilers may limit, and quoting is easily got wrong
  file(READ "${path}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "static const char text_${count}[] = {${bytes}0};\n")
  string(APPEND entries "    {\"${name}\", text_${count}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}" "// The standard library's sources, made by embed.cmake.
#include \"stdlib/stdlib.h\"

${arrays}
const NcStdlibFile nc_stdlib[] = {
${entries}};
const int nc_stdlib_count = ${count};
")
