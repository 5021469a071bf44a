# find_package(netc) gives the target netc::netc, the library of netc.h; with COMPONENTS rt also
# netc::rt, the runtime of netc_rt.h.
include("${CMAKE_CURRENT_LIST_DIR}/netcTargets.cmake")
if("rt" IN_LIST netc_FIND_COMPONENTS)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
  pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng)
  pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
  pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
  include("${CMAKE_CURRENT_LIST_DIR}/netc_rtTargets.cmake")
endif()
