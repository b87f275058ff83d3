// The two kinds of file behind load_csv, each record with the line it came from.
#pragma once

#include <filesystem>
#include <vector>

#include "directory/columns.hpp"
#include "directory/directory.hpp"

namespace gw::directory {

/// Append the organisations in `path`, and their line numbers to `lines`; what is wrong goes into `bad`.
void read_organisations(const std::filesystem::path& path, std::vector<Organisation>& organisations,
                        std::vector<std::size_t>& lines, BadLines& bad);

/// The same for patients.
void read_patients(const std::filesystem::path& path, std::vector<Patient>& patients, std::vector<std::size_t>& lines,
                   BadLines& bad);

}  // namespace gw::directory
