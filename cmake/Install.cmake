# `cmake --install`: the library with its headers and CMake package; the command, its completion scripts and manual pages.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hoarfrost)
install(TARGETS hoarfrost_shared EXPORT hoarfrostTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT library)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT library FILES_MATCHING PATTERN "*.h")
install(EXPORT hoarfrostTargets NAMESPACE hoarfrost:: DESTINATION ${package_dir} COMPONENT library)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/hoarfrostConfig.cmake.in
  ${PROJECT_BINARY_DIR}/hoarfrostConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hoarfrostConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/hoarfrostConfig.cmake
  ${PROJECT_BINARY_DIR}/hoarfrostConfigVersion.cmake DESTINATION ${package_dir} COMPONENT library)
install(TARGETS hoarfrost_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)
if(NOT CMAKE_CROSSCOMPILING)
  foreach(kind bash-completion zsh fish)
    install(DIRECTORY ${PROJECT_BINARY_DIR}/share/${kind} DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT command)
  endforeach()
  install(DIRECTORY ${PROJECT_BINARY_DIR}/share/man/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT command)
endif()
