#include "client/remote_file.h"

#include <algorithm>

namespace wcmp::client {

Result<std::size_t> RemoteFile::read_at(std::uint64_t offset, MutableBytes into) const {
    if (offset >= size_ || into.empty()) return std::size_t{0};
    const auto wanted = std::min<std::uint64_t>(into.size(), size_ - offset);
    WCMP_ASSIGN(const auto part, relay_.bundle_part(name_, offset, wanted));
    if (part.size() != wanted) return fail(Errc::remote, "the relay gave less of a bundle than it has");
    std::ranges::copy(part, into.begin());
    return part.size();
}

Result<std::unique_ptr<io::Mapping>> RemoteFile::map(std::uint64_t /*offset*/, std::size_t /*length*/) const {
    return fail(Errc::unsupported, "what lies behind a socket cannot be mapped");
}

}  // namespace wcmp::client
