#include "core/error.h"

#include <cerrno>
#include <system_error>

namespace wcmp::core {

std::string_view to_string(Errc code) {
    switch (code) {
    case Errc::size: return "E_SIZE";
    case Errc::suite: return "E_SUITE";
    case Errc::shape: return "E_SHAPE";
    case Errc::encoding: return "E_ENCODING";
    case Errc::order: return "E_ORDER";
    case Errc::expired: return "E_EXPIRED";
    case Errc::horizon: return "E_HORIZON";
    case Errc::not_mine: return "E_NOT_MINE";
    case Errc::replay: return "E_REPLAY";
    case Errc::slot: return "E_SLOT";
    case Errc::commit: return "E_COMMIT";
    case Errc::signature: return "E_SIGNATURE";
    case Errc::body: return "E_BODY";
    case Errc::frame: return "E_FRAME";
    case Errc::key: return "E_KEY";
    case Errc::bundle: return "E_BUNDLE";
    case Errc::truncated: return "truncated";
    case Errc::invalid: return "invalid";
    case Errc::too_large: return "too_large";
    case Errc::wrong_hash: return "wrong_hash";
    case Errc::not_found: return "not_found";
    case Errc::exists: return "exists";
    case Errc::busy: return "busy";
    case Errc::no_space: return "no_space";
    case Errc::read_only: return "read_only";
    case Errc::io: return "io";
    case Errc::not_regular: return "not_regular";
    case Errc::denied: return "denied";
    case Errc::store_failing: return "store_failing";
    case Errc::unreliable_medium: return "unreliable_medium";
    case Errc::wrong_passphrase: return "wrong_passphrase";
    case Errc::not_seeded: return "not_seeded";
    case Errc::refused: return "refused";
    case Errc::cancelled: return "cancelled";
    case Errc::unsupported: return "unsupported";
    case Errc::remote: return "remote";
    case Errc::internal: return "internal";
    }
    return "internal";
}

bool is_format_class(Errc code) {
    return code <= Errc::bundle;
}

Error error_from_errno(std::string_view what, int os_error) {
    const auto code = [os_error] {
        switch (os_error) {
        case ENOENT:
        case ENOTDIR: return Errc::not_found;
        case EEXIST: return Errc::exists;
        case EAGAIN:
        case EBUSY: return Errc::busy;
        case ENOSPC:
        case EDQUOT:
        case EFBIG: return Errc::no_space;
        case EROFS: return Errc::read_only;
        case EACCES:
        case EPERM: return Errc::denied;
        case ELOOP:
        case EXDEV:
        case EISDIR:
        case ENXIO: return Errc::not_regular;
        default: return Errc::io;
        }
    }();
    return Error{code, what, os_error};
}

std::string describe(const Error& error) {
    std::string text(error.what);
    if (error.os_error != 0) {
        text += ": ";
        text += std::system_category().message(error.os_error);
    }
    text += " (";
    text += to_string(error.code);
    text += ")";
    return text;
}

}  // namespace wcmp::core
