# Warnings, hardening and sanitizers of our own targets; code of others is compiled as it comes.
add_library(hoarfrost_options INTERFACE)
target_compile_options(hoarfrost_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Werror)
# GCC 12 warns of impossible overlaps inside its own std::string (GCC bug 105329).
target_compile_options(hoarfrost_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# Clang sees that libstdc++ 12's own std::stable_sort calls what it deprecates.
target_compile_options(hoarfrost_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
# Models come from strangers: an overflow that all checks missed should end the process, not run what it wrote. Position-independent
# code comes from CMAKE_POSITION_INDEPENDENT_CODE. The sanitizers check more than _FORTIFY_SOURCE, and get along badly with it.
if(NOT HOARFROST_SANITIZE)
  target_compile_options(hoarfrost_options INTERFACE -fstack-protector-strong -fcf-protection
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  target_link_options(hoarfrost_options INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
if(HOARFROST_SANITIZE)
  target_compile_options(hoarfrost_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(hoarfrost_options INTERFACE -fsanitize=address,undefined)
endif()
if(HOARFROST_FUZZ)
  target_compile_options(hoarfrost_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(hoarfrost_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
