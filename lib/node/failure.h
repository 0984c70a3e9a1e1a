// Errors in the words of the service.
#pragma once

#include "node/service.h"

namespace wcmp::node {

inline Failure failure(const Error& error) {
    return {error.code, std::string(error.what)};
}

inline Failure stopping() {
    return {Errc::cancelled, "the daemon is stopping"};
}

template <class T>
Outcome<T> outcome(Result<T> result) {
    if (!result) return std::unexpected(failure(result.error()));
    if constexpr (std::is_void_v<T>)
        return {};
    else
        return std::move(*result);
}

}  // namespace wcmp::node
