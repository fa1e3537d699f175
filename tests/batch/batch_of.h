// Folders of models for the batch command, and its reports without what differs from run to run.
#ifndef HOARFROST_TESTS_BATCH_BATCH_OF_H_
#define HOARFROST_TESTS_BATCH_BATCH_OF_H_

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/models.h"
#include "support/onnx_text.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {

inline void WriteModel(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  WriteFile(path, bytes);
}

// `count` models in folders of ten, every seventh of them broken.
inline void WriteZoo(const std::string& folder, int count) {
  const std::string good = ParseModelBytes(kDenseBatchNorm);
  for (int i = 0; i < count; ++i) {
    const std::string name = std::to_string(i / 10) + "/m" + std::to_string(i % 10) + ".onnx";
    WriteModel(folder + "/" + name, i % 7 == 3 ? good.substr(0, 20) : good);
  }
}

inline std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline std::vector<nlohmann::json> Records(const std::string& text) {
  std::vector<nlohmann::json> records;
  for (const std::string& line : Lines(text)) {
    records.push_back(nlohmann::json::parse(line, nullptr, false));
    EXPECT_FALSE(records.back().is_discarded()) << line;
  }
  return records;
}

// A report with every time the same.
inline std::string Timeless(std::string report) {
  RE2::GlobalReplace(&report, "\"seconds\":[0-9.]+", "\"seconds\":0");
  return report;
}

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_BATCH_BATCH_OF_H_
