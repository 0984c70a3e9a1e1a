#include "failure.h"

#include "exit_codes.h"

#include <cstring>

namespace wcmp::program {
namespace {

int exit_code_of(Errc code) {
    if (is_format_class(code)) return exit_data;
    switch (code) {
    case Errc::invalid:
    case Errc::truncated:
    case Errc::too_large:
    case Errc::wrong_hash:
    case Errc::unsupported: return exit_data;
    case Errc::remote: return exit_unavailable;
    case Errc::wrong_passphrase: return exit_passphrase;
    default: return exit_nothing;
    }
}

// A person is not helped by the name of a code, but for the classes of the format.
std::string text_of(const Error& error) {
    std::string text(error.what);
    if (error.os_error != 0) text += std::string(": ") + std::strerror(error.os_error);
    if (is_format_class(error.code)) text += " (" + std::string(to_string(error.code)) + ")";
    return text;
}

}  // namespace

Failure at(const std::string& path, const Error& error) {
    Failure failure(error);
    if (!path.empty()) failure.text.insert(0, path + ": ");
    return failure;
}

Failure::Failure(const Error& error)
    : exit_code(exit_code_of(error.code)), os_error(error.os_error), code(error.code), text(text_of(error)) {}

}  // namespace wcmp::program
