// Why a command ended early: what the person reads, and the exit code.
#pragma once

#include "core/error.h"

#include <expected>
#include <optional>
#include <string>
#include <type_traits>

namespace wcmp::program {

struct Failure {
    int exit_code;
    int os_error = 0;  // errno
    std::optional<Errc> code{};
    std::string text;
    std::string advice{};  // what to do, after what the relay said

    Failure(int exit, std::string why) : exit_code(exit), text(std::move(why)) {}
    // So that WCMP_TRY works in commands.
    Failure(const Error& error);
};

template <class T>
using Outcome = std::expected<T, Failure>;

// A command's exit code.
using Done = Outcome<int>;

// An error that says where: "PATH: cannot open the file: No such file or directory". No path, no place.
Failure at(const std::string& path, const Error& error);

template <class T>
Outcome<T> at(const std::string& path, Result<T> result) {
    if (!result) return std::unexpected(at(path, result.error()));
    if constexpr (std::is_void_v<T>)
        return {};
    else
        return std::move(*result);
}

inline std::unexpected<Failure> refuse(int exit_code, std::string why) {
    return std::unexpected(Failure(exit_code, std::move(why)));
}

}  // namespace wcmp::program
