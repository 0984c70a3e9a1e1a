// Why a command ended early: what the person reads, and the exit code.
#pragma once

#include "core/error.h"

#include <expected>
#include <string>

namespace wcmp::program {

struct Failure {
    int exit_code;
    std::string text;

    Failure(int code, std::string why) : exit_code(code), text(std::move(why)) {}
    // So that WCMP_TRY works in commands.
    Failure(const Error& error);
};

template <class T>
using Outcome = std::expected<T, Failure>;

// A command's exit code.
using Done = Outcome<int>;

inline std::unexpected<Failure> refuse(int exit_code, std::string why) {
    return std::unexpected(Failure(exit_code, std::move(why)));
}

}  // namespace wcmp::program
