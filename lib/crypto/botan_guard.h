// Private to this module: where Botan's exceptions end, and the lines in which its versions 2 and 3 differ.
#pragma once

#include "core/error.h"

#include <new>
#include <type_traits>

#include <botan/build.h>
#include <botan/exceptn.h>

// Botan 3 marks as deprecated some calls that are the only ones version 2 has.
#if BOTAN_VERSION_MAJOR >= 3
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif

namespace wcmp::crypto {

// Nothing of Botan leaves this module, not even its exceptions.
template <class Work>
auto guard_botan(Work work) noexcept -> Result<std::invoke_result_t<Work>> try {
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
        work();
        return {};
    } else {
        return work();
    }
} catch (const Botan::Invalid_Authentication_Tag&) {
    return fail(Errc::invalid, "the authentication tag does not verify");
} catch (const std::bad_alloc&) {
    return fail(Errc::no_space, "out of memory");
} catch (...) {
    return fail(Errc::internal, "the crypto library refused the call");
}

}  // namespace wcmp::crypto
