#include "json_fields.h"

#include "client/printable.h"

#include <boost/json/object.hpp>

namespace wcmp::program {

namespace json = boost::json;

const json::value* find(const json::value& value, Path path) {
    const auto* found = &value;
    for (const auto name : path) {
        const auto* const object = found->if_object();
        found = object == nullptr ? nullptr : object->if_contains(name);
        if (found == nullptr) return nullptr;
    }
    return found;
}

std::string text(const json::value& value, Path path) {
    const auto* const found = find(value, path);
    const auto* const string = found == nullptr ? nullptr : found->if_string();
    return string == nullptr ? "-" : client::printable({string->data(), string->size()});
}

std::uint64_t number(const json::value& value, Path path) {
    const auto* const found = find(value, path);
    if (found == nullptr) return 0;
    boost::system::error_code error;
    const auto result = found->to_number<std::uint64_t>(error);
    return error ? 0 : result;
}

json::array items(const json::value& value, Path path) {
    const auto* const found = find(value, path);
    return found != nullptr && found->is_array() ? found->get_array() : json::array{};
}

}  // namespace wcmp::program
