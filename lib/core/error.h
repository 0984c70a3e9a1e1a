// The one error type. It names a code, a literal and an errno, and never holds input bytes.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace wcmp::core {

enum class Errc : std::uint8_t {
    // The classes of lib/message/FORMAT.md, section 9; to_string() gives their names there ("E_SIZE").
    size,
    suite,
    shape,
    encoding,
    order,
    expired,
    horizon,
    not_mine,
    replay,
    slot,
    commit,
    signature,
    body,
    frame,
    key,
    bundle,

    // What else can go wrong.
    truncated,          // input ends before what it promised
    invalid,            // input or argument is not of the required form
    too_large,          // over a limit of core/limits.h or of the settings
    wrong_hash,         // bytes are not what their id or index says
    not_found,          // no such message, file, bundle or name
    exists,             // there is one already
    busy,               // somebody else holds it
    no_space,           // the medium is full
    read_only,          // the medium cannot be written
    io,                 // the system refused; see os_error
    not_regular,        // a link, FIFO, device or folder where a regular file was expected
    denied,             // permission refused
    store_failing,      // an earlier write to the store failed; it takes no more
    unreliable_medium,  // two readings of one medium differ
    wrong_passphrase,   // or the file was altered: the two cannot be told apart
    not_seeded,         // the system's random source is not ready
    refused,            // a rule says no
    cancelled,          // the work was abandoned on request
    unsupported,        // this system or version cannot do it
    remote,             // the other side answered with an error
    internal,           // a library refused what it must not refuse
};

struct [[nodiscard]] Error {
    Errc code = Errc::internal;
    std::string_view what;  // a literal: what was attempted or found
    int os_error = 0;       // errno, or 0
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Errc code, std::string_view what, int os_error = 0) {
    return std::unexpected(Error{code, what, os_error});
}

// The stable name of a code: "E_SIZE" for the classes of the format, "no_space" for the rest.
std::string_view to_string(Errc code);

// True for the classes of FORMAT.md: the bytes are at fault, not the system.
bool is_format_class(Errc code);

// The code that fits an errno of a file operation, with the errno kept.
Error error_from_errno(std::string_view what, int os_error);

// One line for people: "cannot create the file: No space left on device (no_space)".
std::string describe(const Error& error);

}  // namespace wcmp::core

namespace wcmp {
using namespace core;
}

// Evaluates an expression of type Result<...>; on an error, returns that error from the enclosing function.
#define WCMP_TRY(expression)                                                   \
    do {                                                                       \
        if (auto wcmp_try_result = (expression); !wcmp_try_result.has_value()) \
            return std::unexpected(std::move(wcmp_try_result).error());        \
    } while (false)

#define WCMP_JOIN_INNER(a, b) a##b
#define WCMP_JOIN(a, b) WCMP_JOIN_INNER(a, b)

// WCMP_ASSIGN(auto name, expression): declares name with the value of a Result, or returns its error.
#define WCMP_ASSIGN(declaration, expression)                                          \
    auto WCMP_JOIN(wcmp_result_, __LINE__) = (expression);                            \
    if (!WCMP_JOIN(wcmp_result_, __LINE__).has_value())                               \
        return std::unexpected(std::move(WCMP_JOIN(wcmp_result_, __LINE__)).error()); \
    declaration = std::move(*WCMP_JOIN(wcmp_result_, __LINE__))
