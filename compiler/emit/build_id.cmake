# Writes OUTPUT: nc_build_id, a hash of the FILES and of MORE.
set(text "${MORE}")
foreach(file ${FILES})
  file(SHA256 ${file} hash)
  get_filename_component(name ${file} NAME)
  string(APPEND text "\n${name} ${hash}")
endforeach()
string(SHA256 id "${text}")
file(WRITE ${OUTPUT} "#include \"emit/generator.h\"\n\nconst char nc_build_id[] = \"${id}\";\n")
