#include "sync/visit_plan.h"

#include "sync/claim_check.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

constexpr int attempts_max = 16;  // each takes at least one wrong bundle out of the game

bool has(const std::vector<bundle::Name>& names, const bundle::Name& name) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

Result<void> VisitPlan::make(const Room& room, const std::stop_token& stop) {
    WCMP_TRY(make_sound({}, {}, stop));
    const auto import_bytes = plan.imports.file_bytes;
    const auto export_bytes = plan.exports.file_bytes;
    if (import_bytes <= room.store_bytes && export_bytes <= room.drive_bytes) return {};
    WCMP_ASSIGN(const auto imports, Sampling::to_fit(import_bytes, room.store_bytes, random_));
    WCMP_ASSIGN(const auto exports, Sampling::to_fit(export_bytes, room.drive_bytes, random_));
    return make_sound(imports, exports, stop);
}

Result<void> VisitPlan::make_sound(const Sampling& imports, const Sampling& exports,
                                   const std::stop_token& stop) {
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        WCMP_TRY(make_once(imports, exports, stop));
        for (const auto position : plan.wrong_in_store) wrong_in_store_.push_back(store_[position]->name());
        if (!plan.wrong_in_drive.empty()) WCMP_TRY(drive_.replace_wrong(plan.wrong_in_drive, stop));
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
    std::erase_if(store_, [&](const auto& reader) { return has(wrong_in_store_, reader->name()); });
    distrusted_.clear();
    for (const auto& reader : drive_.readers()) distrusted_.push_back(is_distrusted(*reader));
    WCMP_ASSIGN(plan, make_plan({.store = store_,
                                 .drive = drive_.readers(),
                                 .distrusted = distrusted_,
                                 .admission = settings_.admission,
                                 .today = today_,
                                 .import_sampling = imports,
                                 .export_sampling = exports,
                                 .buffer_bytes = settings_.buffer_bytes},
                                random_, stop));
    return {};
}

Result<bool> VisitPlan::claims_hold(const std::stop_token& stop) {
    auto* const turns = settings_.memory == nullptr ? nullptr : &settings_.memory->turns;
    WCMP_ASSIGN(const auto liars, find_liars(plan, drive_.readers(), turns, random_, stop));
    for (const auto position : liars) {
        const auto& reader = *drive_.readers()[position];
        ++result_.wrong_bundles;
        liars_.push_back(reader.name());
        if (settings_.memory != nullptr)
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
