# Writes a C file that holds files' texts, as the array that a header declares; a name loses its `.md`:
#   cmake -DOUTPUT=stdlib.c -DHEADER=stdlib/stdlib.h "-DDECLARATION=NcStdlibFile nc_stdlib" "-DFILES=a.net;b.net" -P embed.cmake
set(entries "")
set(count 0)
foreach(path IN LISTS FILES)
  get_filename_component(name "${path}" NAME)
  string(REGEX REPLACE "\\.md$" "" name "${name}")
  # as characters: a string literal has a length that compilers may limit, and quoting is easily got wrong
  file(READ "${path}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND arrays "static const char text_${count}[] = {${bytes}0};\n")
  string(APPEND entries "    {\"${name}\", text_${count}},\n")
  math(EXPR count "${count} + 1")
endforeach()
string(REGEX REPLACE ".* " "" name "${DECLARATION}")
file(WRITE "${OUTPUT}" "// Files' texts, made by embed.cmake.
#include \"${HEADER}\"

${arrays}
const ${DECLARATION}[] = {
${entries}};
const int ${name}_count = ${count};
")
