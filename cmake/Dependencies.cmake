# Where each library comes from is told in docs/architecture.md, "Parts".
# Paths under the source tree go into ccache's keys relative, so every clone and build folder shares its results.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      /usr/bin/env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

set(Protobuf_USE_STATIC_LIBS ${HOARFROST_STATIC_COMMAND})
find_package(Protobuf 3.21 REQUIRED)
find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)

# The ONNX library: fetched once, version and SHA-256 pinned, by tools/fetch-onnx.
set(HOARFROST_ONNX_SOURCE "" CACHE PATH "ONNX source tree; empty: tools/fetch-onnx finds or fetches it")
if(NOT HOARFROST_ONNX_SOURCE)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/fetch-onnx
                  OUTPUT_VARIABLE onnx_source OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
else()
  set(onnx_source ${HOARFROST_ONNX_SOURCE})
endif()
function(hoarfrost_add_onnx)
  set(ONNX_ML ON)
  set(ONNX_INSTALL OFF)
  set(ONNX_BUILD_TESTS OFF)
  set(ONNX_GEN_PB_TYPE_STUBS OFF)
  set(CMAKE_CXX_STANDARD 17)
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
  set(CMAKE_EXPORT_COMPILE_COMMANDS OFF)
  # Code of others is built one way under every preset: its results are shared, and never the ones under test.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELEASE}")
  add_subdirectory(${onnx_source} ${CMAKE_BINARY_DIR}/onnx EXCLUDE_FROM_ALL SYSTEM)
endfunction()
hoarfrost_add_onnx()
