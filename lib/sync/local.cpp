#include "sync/visit.h"

namespace wcmp::sync {

Result<bundle::CommitResult> Local::import(std::span<const bundle::Item> items, bundle::MessageSource& source,
                                           const bundle::CommitOptions& options) {
    io::Directory* const to = directory();
    if (to == nullptr) return fail(Errc::store_failing, "the store takes no more");
    return bundle::commit(*to, items, source, options);
}

}  // namespace wcmp::sync
