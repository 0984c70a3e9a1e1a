// Opening a store: takes the lock, makes what is missing, puts right what a crash left
// (lib/bundle/BUNDLE.md, sections 4, 6 and 8).
#include "store/store.h"

#include <cerrno>

namespace wcmp::store {
namespace {

constexpr std::string_view tag_name = "CACHEDIR.TAG";
constexpr std::string_view tag_text =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# The store of a wcmp relay. What is in it is carried for everybody and needs no backup.\n";

Result<void> make_tag(io::Directory& directory) {
    auto file = directory.create(tag_name);
    if (!file && file.error().code == Errc::exists) return {};
    if (!file) return std::unexpected(file.error());
    const auto* text = reinterpret_cast<const std::uint8_t*>(tag_text.data());
    WCMP_TRY((*file)->write_at(0, ByteView(text, tag_text.size())));
    return (*file)->set_constant_times();
}

Result<void> unlink_draft(io::Directory& directory) {
    const auto unlinked = directory.unlink(state_draft_name);
    if (!unlinked && unlinked.error().code != Errc::not_found) return unlinked;
    return {};
}

std::vector<bundle::Name> names_of(const Snapshot& snapshot) {
    std::vector<bundle::Name> names;
    names.reserve(snapshot.bundles.size());
    for (const auto& bundle : snapshot.bundles) names.push_back(bundle->name());
    return names;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(std::unique_ptr<io::Directory> directory,
                                           const StoreSettings& settings, const message::Today& today,
                                           World world, OpenReport& report) {
    std::unique_ptr<Store> store(new Store(std::move(directory), settings, world));
    WCMP_ASSIGN(store->lock_, store->directory_->lock());
    if (const auto prepared = store->prepare(report); !prepared)
        WCMP_TRY(store->prepare_for_reading(prepared.error(), report));
    WCMP_TRY(store->take_bundles(today, report));
    store->fold_at_start(today, report);
    return store;
}

Result<void> Store::prepare(OpenReport& report) {
    WCMP_ASSIGN(const auto space, directory_->space());
    if (space.read_only) return fail(Errc::read_only, "the file system is read-only");
    WCMP_TRY(make_tag(*directory_));
    WCMP_TRY(unlink_draft(*directory_));
    WCMP_TRY(load_or_make_state(report));
    WCMP_ASSIGN(journal_, Journal::open(*directory_, random_));
    return directory_->set_constant_times();
}

// A medium that is read-only, that fails, or that does not give a journal whole: what was acknowledged can
// still be read, and nothing that could be read another time is overwritten.
Result<void> Store::prepare_for_reading(const Error& error, OpenReport& report) {
    if (!failing() && error.os_error != EIO) return std::unexpected(error);
    fail_from_start(error, report);
    if (const auto loaded = load_state(*directory_)) state_ = *loaded;
    WCMP_ASSIGN(journal_, Journal::open_for_reading(*directory_));
    return {};
}

void Store::fail_from_start(const Error& error, OpenReport& report) {
    directory_->set_failing();
    if (!report.failing) report.failing = error;
}

Result<void> Store::load_or_make_state(OpenReport& report) {
    const auto loaded = load_state(*directory_);
    if (loaded) {
        state_ = *loaded;
        return {};
    }
    const auto code = loaded.error().code;
    report.state_lost = code == Errc::invalid;
    if (code != Errc::not_found && code != Errc::invalid) return std::unexpected(loaded.error());
    WCMP_TRY(random_.fill(state_.eviction_salt));
    return store::save_state(*directory_, state_);
}

// Whatever the day: a name alone says nothing (BUNDLE.md, section 8), so what is called dead is looked into
// like the rest, and goes by its day table. Dead on every day is the name of no bundle that was ever written.
Result<void> Store::take_bundles(const message::Today& today, OpenReport& report) {
    WCMP_ASSIGN(auto found, bundle::scan(*directory_, {}, 0, random_, bundle::IndexAccess::mapped));
    set_bundles(std::move(found.bundles));
    report.void_files = found.void_files.size();
    report.unknown_format = found.unknown_format;
    found.damaged.insert(found.damaged.end(), found.dead.begin(), found.dead.end());
    report.damaged = found.damaged.size();
    if (failing()) return {};
    const auto cleared = clear_up(found, today, report);
    if (!cleared && failing()) fail_from_start(cleared.error(), report);
    return failing() ? Result<void>{} : cleared;
}

Result<void> Store::clear_up(const bundle::DirectoryScan& found, const message::Today& today,
                             OpenReport& report) {
    WCMP_TRY(unlink_bundles(found.void_files));
    salvage_all(found.damaged, report);
    WCMP_TRY(drop_dead(today));
    return sidecars_->remove_orphans(names_of(*snapshot()));
}

// A bundle that cannot be salvaged stays where it is: it is in nobody's way, and the next start tries again.
void Store::salvage_all(std::span<const bundle::Name> damaged, OpenReport& report) {
    for (const auto& name : damaged) {
        const auto salvaged = salvage(name);
        if (!salvaged && failing()) return fail_from_start(salvaged.error(), report);
        if (!salvaged) continue;
        report.saved += salvaged->saved;
        report.lost += salvaged->lost;
    }
}

Result<std::vector<MessageKey>> Store::gather_at_start(const message::Today& today) {
    WCMP_TRY(gather_journal(today));
    return std::vector<MessageKey>{};
}

// On a full disk what was acknowledged stays in the journal, and can be read there. Any other error is a
// reason to touch nothing more.
void Store::fold_at_start(const message::Today& today, OpenReport& report) {
    if (failing()) return;
    // With cover nothing may become visible now: what a crash left in two files comes together in one.
    const auto folded = settings().covered ? gather_at_start(today) : fold(today);
    if (folded) {
        report.folded = folded->size();
    } else if (folded.error().code == Errc::no_space && !failing()) {
        report.disk_full = true;
        if (const auto vouched = journal_->vouch(); !vouched) fail_from_start(vouched.error(), report);
    } else {
        fail_from_start(folded.error(), report);
    }
}

}  // namespace wcmp::store
