# cmake -D OUT=FILE.cc -P embed.cmake: each page of page/ as one string in a C++ file, its scripts and styles put in, and their
# SHA-256 in base64 where its Content-Security-Policy names them.
set(page_folder ${CMAKE_CURRENT_LIST_DIR}/page)
include(${CMAKE_CURRENT_LIST_DIR}/parts.cmake)

# base64 of a string's SHA-256. CMake gives hexadecimal digits: 64 of them, and two zeros make 22 groups of three.
function(sha256_base64 out text)
  set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  string(SHA256 hex "${text}")
  set(hex ${hex}00)
  set(base64)
  foreach(group RANGE 0 21)
    math(EXPR start "${group} * 3")
    string(SUBSTRING ${hex} ${start} 3 digits)
    math(EXPR first "0x${digits} >> 6")
    math(EXPR second "0x${digits} & 63")
    string(SUBSTRING ${alphabet} ${first} 1 a)
    string(SUBSTRING ${alphabet} ${second} 1 b)
    string(APPEND base64 ${a}${b})
  endforeach()
  string(SUBSTRING ${base64} 0 43 base64)
  set(${out} ${base64}= PARENT_SCOPE)
endfunction()

# The text of page NAME.
function(put_together out name)
  set(script "(() => {\n\"use strict\";\n")
  foreach(part ${${name}_scripts})
    file(READ ${page_folder}/${part} text)
    string(APPEND script "${text}")
  endforeach()
  string(APPEND script "})();\n")
  set(style)
  foreach(part ${${name}_styles})
    file(READ ${page_folder}/${part} text)
    string(APPEND style "${text}")
  endforeach()
  file(READ ${page_folder}/${name}.html page)
  foreach(part ${shared_html})
    file(READ ${page_folder}/${part}.html text)
    string(STRIP "${text}" text)
    string(REPLACE "{{${part}}}" "${text}" page "${page}")
  endforeach()
  sha256_base64(script_hash "${script}")
  sha256_base64(style_hash "${style}")
  string(REPLACE "{{script-hash}}" "sha256-${script_hash}" page "${page}")
  string(REPLACE "{{style-hash}}" "sha256-${style_hash}" page "${page}")
  string(REPLACE "{{style}}" "${style}" page "${page}")
  string(REPLACE "{{script}}" "${script}" page "${page}")
  set(${out} "${page}" PARENT_SCOPE)
endfunction()

set(strings)
foreach(name ${pages})
  put_together(page ${name})
  string(APPEND strings "
extern const std::string_view ${name}_page;
const std::string_view ${name}_page = R\"page(${page})page\";
")
endforeach()
file(WRITE ${OUT}.new "// Made by src/report/html/embed.cmake from src/report/html/page/.
#include <string_view>

namespace hoarfrost::report::html {
${strings}
}  // namespace hoarfrost::report::html
")
file(RENAME ${OUT}.new ${OUT})
