#include "sync/rescue.h"

#include "bundle/parts.h"
#include "sync/sampling.h"

#include <algorithm>
#include <numeric>

namespace wcmp::sync {
namespace {

bool holds(std::span<const std::shared_ptr<const bundle::Reader>> store, const MessageKey& key) {
    return std::ranges::any_of(store, [&](const auto& reader) { return reader->find(key).has_value(); });
}

}  // namespace

Result<void> Rescue::run(const std::vector<bundle::Name>& damaged) {
    for (const auto& name : damaged) {
        if (failing_bytes_ >= limits::failing_bytes_max) {
            ++result_.damaged_left;
            continue;
        }
        WCMP_TRY(take(name));
    }
    return {};
}

// A drive that gives nothing more ends the rescue of this bundle, not the visit.
Result<void> Rescue::take(const bundle::Name& name) {
    const auto file = drive_.open(bundle::to_string(name));
    if (!file) return {};
    auto salvager = bundle::Salvager::open(**file, name);
    while (salvager && !salvager->done()) {
        if (options_.stop.stop_requested()) return fail(Errc::cancelled, "the visit was abandoned");
        auto round = salvager->next({.saved_max = limits::salvaged_per_round_max,
                                     .failing_bytes_max = limits::failing_bytes_max - failing_bytes_});
        if (!round) break;
        failing_bytes_ += round->failing_bytes;
        result_.lost += round->lost;
        WCMP_TRY(take_round(**file, *round));
        if (failing_bytes_ >= limits::failing_bytes_max && !salvager->done()) {
            ++result_.damaged_left;
            return {};
        }
    }
    return {};
}

Result<void> Rescue::take_round(const io::ReadableFile& file, bundle::Salvage& round) {
    result_.salvaged += round.saved.size();
    leave_out_unwanted(round);
    if (full_) {
        result_.refused_store_full += round.saved.size();
        return {};
    }
    return round.saved.empty() ? Result<void>{} : import(file, round);
}

// What the rules refuse, what the store holds, and what it has no room for.
void Rescue::leave_out_unwanted(bundle::Salvage& round) {
    const auto store = local_.bundles();
    const auto retention = local_.retention();
    std::erase_if(round.saved, [&](const bundle::SavedMessage& message) {
        auto verdict = message::admit(message.key.day, message.length, settings_.admission, today_);
        if (verdict == message::Verdict::admitted && holds(store, message.key)) return true;
        if (verdict == message::Verdict::admitted && retention.evicts(message.key.id))
            verdict = message::Verdict::evicted;
        if (verdict != message::Verdict::admitted) {
            ++result_.refused[static_cast<std::size_t>(verdict)];
            return true;
        }
        return false;
    });
    leave_out_what_has_no_room(round, retention);
}

void Rescue::leave_out_what_has_no_room(bundle::Salvage& round, const Retention& retention) {
    const auto room = local_.room();
    auto left = room.bytes();
    auto& left_out = room.is_shared_out() ? result_.refused_import_share : result_.refused_store_full;
    Sampling sampling;
    if (retention.rank) {
        RankBytes ranks(retention.threshold);
        for (const auto& message : round.saved)
            ranks.add(retention.rank(message.key.id), bundle::file_bytes_with(message.length));
        sampling = Sampling::below(ranks.bound_for(left), retention);
    }
    std::erase_if(round.saved, [&](const bundle::SavedMessage& message) {
        const auto bytes = bundle::file_bytes_with(message.length);
        if (!sampling.keeps(message.key.id) || bytes > left) {
            ++left_out;
            return true;
        }
        left -= bytes;
        return false;
    });
}

Result<void> Rescue::import(const io::ReadableFile& file, const bundle::Salvage& round) {
    const auto items = bundle::items_of(round);
    const auto source = bundle::salvage_source(file, round);
    for (const auto& part : bundle::cut_items(items)) {
        const auto some = std::span(items).subspan(part.first, part.count);
        bundle::PartSource messages(*source, part);
        const auto before = result_.imported;
        const auto done = import_part(some, messages);
        if (!done && done.error().code == Errc::no_space) {
            result_.refused_store_full += items.size() - part.first - (result_.imported - before);
            full_ = true;
            return {};
        }
        WCMP_TRY(done);
    }
    return {};
}

// Where the commit ends midway, what counts by then has come in all the same.
Result<void> Rescue::import_part(std::span<const bundle::Item> items, bundle::MessageSource& source) {
    bundle::CommitResult so_far;
    so_far.bad.resize(items.size());
    std::iota(so_far.bad.begin(), so_far.bad.end(), std::size_t{0});
    auto options = options_;
    options.on_file = [&](const auto& name, std::span<const std::uint32_t> positions) {
        so_far.files.push_back(name);
        std::erase_if(so_far.bad, [&](auto i) { return std::ranges::binary_search(positions, i); });
    };
    const auto done = local_.import(items, source, options);
    const bool whole = done && !done->skipped;
    WCMP_TRY(take_in(items, whole ? *done : so_far));
    WCMP_TRY(done);
    return {};
}

Result<void> Rescue::take_in(std::span<const bundle::Item> items, const bundle::CommitResult& done) {
    if (done.files.empty()) return {};
    std::vector<MessageKey> keys;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (std::ranges::binary_search(done.bad, i)) continue;
        keys.push_back(items[i].key);
        result_.imported_bytes += items[i].length;
    }
    result_.imported += keys.size();
    result_.bytes_written_store += done.bytes_written;
    return local_.publish(done.files, {}, keys);
}

}  // namespace wcmp::sync
