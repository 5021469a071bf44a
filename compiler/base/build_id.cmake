# Writes OUTPUT: NAME, which HEADER declares, a hash of the FILES and of MORE.
set(text "${MORE}")
foreach(file ${FILES})
  file(SHA256 ${file} hash)
  get_filename_component(name ${file} NAME)
  string(APPEND text "\n${name} ${hash}")
endforeach()
string(SHA256 id "${text}")
file(WRITE ${OUTPUT} "#include \"${HEADER}\"\n\nconst char ${NAME}[] = \"${id}\";\n")
