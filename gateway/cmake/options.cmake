# Compiler flags that every file of the project is built with: target gw_options.

add_library(gw_options INTERFACE)
target_compile_options(gw_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Wno-missing-field-initializers -Werror)
target_compile_options(gw_options INTERFACE -fstack-protector-strong -fcf-protection -D_GLIBCXX_ASSERTIONS)
# What GCC 12 finds only while it optimises was a false alarm each time: overlapping copies in std::string's operator+ (its
# bug 105651), the frames of Asio's coroutines taken for plain operator new, members of a variant that it does not hold.
target_compile_options(gw_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
# RapidJSON's comparison of iterators, written before C++20 turned them round.
target_compile_options(gw_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-ambiguous-reversed-operator>)
target_link_options(gw_options INTERFACE -Wl,-z,relro,-z,now)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options($<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)

if(GW_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -U_FORTIFY_SOURCE)
  add_link_options(-fsanitize=address,undefined)
  add_compile_definitions(GW_UNDER_ASAN)  # for the few tests that look at memory or descriptors, which it uses too
  # Clang 14 cannot assemble coroutines with its check of function types.
  add_compile_options($<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
elseif(GW_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -Wno-tsan -U_FORTIFY_SOURCE)
  add_link_options(-fsanitize=thread)
elseif(NOT GW_SANITIZE STREQUAL "")
  message(FATAL_ERROR "GW_SANITIZE is '${GW_SANITIZE}'; it takes address, thread or nothing")
endif()

find_program(GW_CCACHE ccache)
if(GW_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${GW_CCACHE}")
endif()
find_program(GW_MOLD mold)
if(GW_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# gw_module(NAME <folder> SOURCES <files...> LINKS <targets...>): one module of the gateway, target gw_<folder>.
function(gw_module)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;LINKS" ${ARGN})
  add_library(gw_${ARG_NAME} STATIC ${ARG_SOURCES})
  target_include_directories(gw_${ARG_NAME} PUBLIC "${CMAKE_SOURCE_DIR}/gateway")
  target_link_libraries(gw_${ARG_NAME} PUBLIC ${ARG_LINKS} PRIVATE gw_options)
endfunction()
