// A damaged bundle of the store is replaced by what can be saved of it (lib/bundle/BUNDLE.md, section 8).
#include "bundle/salvage.h"
#include "store/commit_items.h"
#include "store/store.h"

namespace wcmp::store {

Result<Store::Salvaged> Store::salvage(const bundle::Name& name) {
    if (failing()) return fail(Errc::store_failing, "the store takes no more");
    WCMP_ASSIGN(const auto file, directory_->open(bundle::to_string(name)));
    WCMP_ASSIGN(const auto found, bundle::salvage(*file, name));
    if (found.damage == bundle::Damage::none || found.damage == bundle::Damage::unknown_format)
        return Salvaged{};

    const auto items = bundle::items_of(found);
    Committed committed;
    if (!items.empty()) {
        const auto source = bundle::salvage_source(*file, found);
        const auto done = commit_items(*directory_, items, *source, random_, committed);
        // What was committed before counts: it is shown, and carried on.
        if (!done) WCMP_TRY(publish(committed.files, {}));
        WCMP_TRY(done);
    }
    // What could not be read now, or not a second time, may be read another time: the file stays for that.
    const auto unsaved = committed.bad.size();
    if (found.unreadable > 0 || unsaved > 0)
        WCMP_TRY(publish(committed.files, {}));
    else
        WCMP_TRY(publish(committed.files, std::array{name}));
    return Salvaged{items.size() - unsaved, found.lost + unsaved};
}

}  // namespace wcmp::store
