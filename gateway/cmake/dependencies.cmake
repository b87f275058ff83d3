# Everything outside the standard library, all of it as Debian 12 packages it.
# Boost.Asio and Boost.Beast are compiled once, into gw_boost; every other file sees declarations only.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(EXPAT REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_path(GW_RAPIDJSON_INCLUDE rapidjson/reader.h REQUIRED)
find_path(GW_TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)

add_library(gw_boost STATIC "${CMAKE_SOURCE_DIR}/gateway/cmake/boost_once.cpp")
target_link_libraries(gw_boost PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_definitions(gw_boost PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED)

add_library(gw_rapidjson INTERFACE)
target_include_directories(gw_rapidjson SYSTEM INTERFACE "${GW_RAPIDJSON_INCLUDE}")
target_compile_definitions(gw_rapidjson INTERFACE RAPIDJSON_HAS_STDSTRING=1)
# Strings in blocks of 16 bytes. The blocks are aligned, so they never reach into another page; sanitizers would object.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND GW_SANITIZE STREQUAL "")
  target_compile_definitions(gw_rapidjson INTERFACE RAPIDJSON_SSE2)
endif()

add_library(gw_toml INTERFACE)
target_include_directories(gw_toml SYSTEM INTERFACE "${GW_TOMLPLUSPLUS_INCLUDE}")

find_path(GW_SODIUM_INCLUDE sodium.h REQUIRED)
find_library(GW_SODIUM_LIBRARY sodium REQUIRED)
add_library(gw_sodium INTERFACE)
target_include_directories(gw_sodium SYSTEM INTERFACE "${GW_SODIUM_INCLUDE}")
target_link_libraries(gw_sodium INTERFACE "${GW_SODIUM_LIBRARY}")

find_path(GW_LDAP_INCLUDE ldap.h REQUIRED)
find_library(GW_LDAP_LIBRARY ldap REQUIRED)
find_library(GW_LBER_LIBRARY lber REQUIRED)
add_library(gw_ldap INTERFACE)
target_include_directories(gw_ldap SYSTEM INTERFACE "${GW_LDAP_INCLUDE}")
target_link_libraries(gw_ldap INTERFACE "${GW_LDAP_LIBRARY}" "${GW_LBER_LIBRARY}")

find_path(GW_SYSTEMD_INCLUDE systemd/sd-daemon.h REQUIRED)
find_library(GW_SYSTEMD_LIBRARY systemd REQUIRED)
add_library(gw_systemd INTERFACE)
target_include_directories(gw_systemd SYSTEM INTERFACE "${GW_SYSTEMD_INCLUDE}")
target_link_libraries(gw_systemd INTERFACE "${GW_SYSTEMD_LIBRARY}")

# malloc of the program itself, which takes and frees on several threads: a fifth more tasks than with glibc's. Sanitizers
# bring their own.
add_library(gw_malloc INTERFACE)
if(GW_SANITIZE STREQUAL "")
  find_library(GW_JEMALLOC_LIBRARY jemalloc REQUIRED)
  target_link_libraries(gw_malloc INTERFACE "${GW_JEMALLOC_LIBRARY}")
endif()
