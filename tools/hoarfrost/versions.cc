#include "versions.h"

#include <absl/base/config.h>
#include <fmt/format.h>
#include <google/protobuf/stubs/common.h>
#include <hwy/highway.h>
#include <onnx/common/version.h>
#include <xxhash.h>

#include <CLI/Version.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json_writer.h"

namespace hoarfrost::tool {
namespace {

// 3021012 -> "3.21.12": as a version is packed into a number, `scale` to a place.
std::string Unpacked(unsigned version, unsigned scale) {
  return fmt::format("{}.{}.{}", version / (scale * scale), version / scale % scale,
                     version % scale);
}

std::string Compiler() {
#if defined(__clang__)
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string Abseil() {
#if defined(ABSL_LTS_RELEASE_VERSION)
  return fmt::format("{}.{}", ABSL_LTS_RELEASE_VERSION, ABSL_LTS_RELEASE_PATCH_LEVEL);
#else
  return "head";
#endif
}

}  // namespace

void WriteVersionsJson(base::Sink& sink) {
  base::JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", "hoarfrost.version/1");
  json.TextField("version", HOARFROST_VERSION);
  json.TextField("compiler", Compiler());
  json.Key("parts");
  json.BeginObject();
  json.TextField("abseil", Abseil());
  json.TextField("cli11", CLI11_VERSION);
  json.TextField("fmt", Unpacked(FMT_VERSION, 100));
  json.TextField("highway", fmt::format("{}.{}.{}", HWY_MAJOR, HWY_MINOR, HWY_PATCH));
  json.TextField("nlohmann-json",
                 fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                             NLOHMANN_JSON_VERSION_PATCH));
  json.TextField("onnx", ONNX_VERSION_STRING);
  json.TextField("protobuf", Unpacked(GOOGLE_PROTOBUF_VERSION, 1000));
  json.TextField("xxhash", Unpacked(XXH_versionNumber(), 100));
  json.EndObject();
  json.EndObject();
  json.EndLine();
}

}  // namespace hoarfrost::tool
