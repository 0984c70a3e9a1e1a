// One request as the handlers see it: checked, decoded, without its body.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wcmp::api {

// The parameters behind the question mark, percent-decoded, each name once.
class Query {
public:
    Query() = default;
    explicit Query(std::vector<std::pair<std::string, std::string>> parameters)
        : parameters_(std::move(parameters)) {}

    // nullptr when it was not given.
    const std::string* find(std::string_view name) const {
        for (const auto& [key, value] : parameters_)
            if (key == name) return &value;
        return nullptr;
    }

private:
    std::vector<std::pair<std::string, std::string>> parameters_;
};

// Header fields that mean something here; empty when they were not sent.
struct Fields {
    std::string accept;
    std::string content_type;
    std::string range;
    std::string if_range;
    std::string if_none_match;
};

enum class Endpoint : std::uint8_t {
    version,
    enqueue,
    message,
    fetch,
    recognition,
    fold,
    bundles,
    bundle,
    upload,
    status,
    set_clock,
    drives,
    sync_drive,
    release_drive,
    events,
};

struct Request {
    Endpoint endpoint = Endpoint::version;
    bool head_only = false;   // HEAD: the answer has no body
    std::string parameter{};  // of the path: an id or a name
    Query query{};
    Fields fields{};
};

}  // namespace wcmp::api
