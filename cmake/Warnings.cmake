# Warnings and sanitizers of our own targets; code of others is compiled as it comes.
add_library(hoarfrost_options INTERFACE)
target_compile_options(hoarfrost_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Werror)
# GCC 12 warns of impossible overlaps inside its own std::string (GCC bug 105329).
target_compile_options(hoarfrost_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# Clang sees that libstdc++ 12's own std::stable_sort calls what it deprecates.
target_compile_options(hoarfrost_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
if(HOARFROST_SANITIZE)
  target_compile_options(hoarfrost_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(hoarfrost_options INTERFACE -fsanitize=address,undefined)
endif()
if(HOARFROST_FUZZ)
  target_compile_options(hoarfrost_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(hoarfrost_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
