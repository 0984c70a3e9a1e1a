#include "sync/visit_plan.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

constexpr int attempts_max = 16;  // each leaves out all that the one before found wrong

constexpr int draws_max = 6;

// What one direction has room for.
struct Fit {
    std::uint64_t wanted;
    std::uint64_t room;
    std::uint64_t aim;

    bool fits(const Transfer& transfer) const { return transfer.file_bytes <= room; }

    // Aims lower by as much as the last draw came out too large.
    void aim_lower(const Transfer& last) {
        if (last.file_bytes > room && last.file_bytes < wanted)
            aim = static_cast<std::uint64_t>(static_cast<double>(aim) * static_cast<double>(room) /
                                             static_cast<double>(last.file_bytes));
    }
};

bool has(const std::vector<bundle::Name>& names, const bundle::Name& name) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

Result<void> VisitPlan::make(const Room& room, const std::stop_token& stop) {
    store_room_ = room.store;
    retention_ = local_.retention();
    WCMP_TRY(make_sound({}, {}, stop));
    wanted_export_bytes_ = plan.exports.file_bytes;
    const auto store_bytes = room.store.bytes();
    Fit imports{.wanted = plan.imports.file_bytes, .room = store_bytes, .aim = store_bytes};
    Fit exports{.wanted = plan.exports.file_bytes, .room = room.drive_bytes, .aim = room.drive_bytes};
    const auto ranks = std::move(plan.import_ranks);
    // A subset of few messages may come out too large: then a smaller one is drawn, and in the end none.
    for (int draw = 1; !imports.fits(plan.imports) || !exports.fits(plan.exports); ++draw) {
        if (draw > draws_max && !imports.fits(plan.imports)) imports.aim = 0;
        if (draw > draws_max && !exports.fits(plan.exports)) exports.aim = 0;
        imports.aim_lower(plan.imports);
        exports.aim_lower(plan.exports);
        WCMP_ASSIGN(auto some_imports, Sampling::to_fit(imports.wanted, imports.aim, random_));
        if (retention_.rank && imports.wanted > imports.aim)
            some_imports = Sampling::below(ranks.bound_for(imports.aim), retention_);
        WCMP_ASSIGN(const auto some_exports, Sampling::to_fit(exports.wanted, exports.aim, random_));
        WCMP_TRY(make_sound(some_imports, some_exports, stop));
        if (draw > draws_max) return {};
    }
    return {};
}

Result<void> VisitPlan::make_sound(const Sampling& imports, const Sampling& exports,
                                   const std::stop_token& stop) {
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        WCMP_TRY(make_once(imports, exports, stop));
        for (const auto position : plan.wrong_in_store)
            result_.wrong_in_store.push_back(store_[position]->name());
        if (!plan.wrong_in_drive.empty() || !plan.unreadable_in_drive.empty())
            WCMP_TRY(drive_.replace_wrong(plan.wrong_in_drive, plan.unreadable_in_drive, stop));
        if (!plan.usable()) continue;
        WCMP_ASSIGN(const bool held, claims_hold(stop));
        if (held) return {};
    }
    return fail(Errc::unreliable_medium, "the bundles of the drive go on changing while they are read");
}

Result<void> VisitPlan::make_once(const Sampling& imports, const Sampling& exports,
                                  const std::stop_token& stop) {
    store_all_ = local_.bundles();
    store_ = store_all_;
    std::erase_if(store_, [&](const auto& reader) { return has(result_.wrong_in_store, reader->name()); });
    distrusted_.clear();
    for (const auto& reader : drive_.readers()) distrusted_.push_back(is_distrusted(*reader));
    WCMP_ASSIGN(plan, make_plan({.store = store_,
                                 .drive = drive_.readers(),
                                 .distrusted = distrusted_,
                                 .admission = settings_.admission,
                                 .today = today_,
                                 .retention = retention_,
                                 .import_sampling = imports,
                                 .export_sampling = exports,
                                 .buffer_bytes = settings_.buffer_bytes},
                                random_, stop));
    return {};
}

// Their files are closed too: until then they keep their place on the drive.
void VisitPlan::forget_drive_bundles(const std::vector<bundle::Name>& names) {
    plan.imports = {};
    const auto& readers = drive_.readers();
    for (std::size_t i = readers.size(); i-- > 0;) {
        if (!has(names, readers[i]->name())) continue;
        const auto at = static_cast<std::ptrdiff_t>(i);
        plan.claims.erase(plan.claims.begin() + at);
        plan.lacking_in_store.erase(plan.lacking_in_store.begin() + at);
        plan.drive_digests.erase(plan.drive_digests.begin() + at);
        distrusted_.erase(distrusted_.begin() + at);
    }
    drive_.forget(names);
}

Result<bool> VisitPlan::claims_hold(const std::stop_token& stop) {
    WCMP_ASSIGN(const auto liars, checks_.find_liars(plan, drive_.readers(), random_, stop));
    for (const auto& liar : liars) {
        const auto& reader = *drive_.readers()[liar.bundle];
        ++result_.wrong_bundles;
        liars_.push_back(reader.name());
        if (settings_.memory != nullptr && !liar.medium_failed)
            settings_.memory->distrust.add(reader.name(), reader.header().file_bytes);
    }
    return liars.empty();
}

bool VisitPlan::is_distrusted(const bundle::Reader& reader) const {
    if (has(liars_, reader.name())) return true;
    return settings_.memory != nullptr &&
           settings_.memory->distrust.contains(reader.name(), reader.header().file_bytes);
}

}  // namespace wcmp::sync
