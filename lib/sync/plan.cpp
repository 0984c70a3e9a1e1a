#include "sync/plan.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

std::vector<bundle::SelectedEntries> nothing_of(
    std::span<const std::shared_ptr<const bundle::Reader>> readers) {
    std::vector<bundle::SelectedEntries> selection;
    selection.reserve(readers.size());
    for (const auto& reader : readers) selection.emplace_back(reader);
    return selection;
}

// Fills one direction as groups of equal keys come by in order.
class TransferPlan {
public:
    TransferPlan(Transfer& transfer, const Sampling& sampling) : transfer_(transfer), sampling_(sampling) {}

    // `copies` are of the giving side; their sources count from first_source.
    void add(std::span<const bundle::Copy> copies, std::uint32_t first_source) {
        const auto& entry = copies.front().entry;
        if (!sampling_.keeps(entry.key.id)) {
            ++transfer_.left_out;
            return;
        }
        for (const auto& copy : copies) transfer_.selection[copy.source - first_source].select(copy.position);
        ++transfer_.messages;
        transfer_.message_bytes += entry.length;
        cutter_.add(entry.key, entry.length, transfer_.pieces, copies.size());
    }

    void finish(std::span<const std::shared_ptr<const bundle::IndexDigests>> digests) {
        cutter_.finish(transfer_.pieces);
        for (const auto& piece : transfer_.pieces) transfer_.file_bytes += piece.file_bytes();
        for (std::size_t i = 0; i < digests.size(); ++i) transfer_.selection[i].digests = digests[i];
    }

private:
    Transfer& transfer_;
    const Sampling& sampling_;
    bundle::Cutter cutter_{limits::bundle_cut_bytes, limits::piece_copies_max};
};

class Planner {
public:
    Planner(const PlanInput& input, Random& random) : input_(input), random_(random) {
        plan_.imports.selection = nothing_of(input.drive);
        plan_.exports.selection = nothing_of(input.store);
        if (input.retention.rank) plan_.import_ranks = RankBytes(input.retention.threshold);
        sources_.assign(input.store.begin(), input.store.end());
        sources_.insert(sources_.end(), input.drive.begin(), input.drive.end());
        drive_from_ = static_cast<std::uint32_t>(input.store.size());
        plan_.lacking_in_store.assign(input.drive.size(), false);
        plan_.claims.assign(input.drive.size(), ClaimSample(limits::claims_checked_per_bundle_max));
    }

    Result<Plan> run(const std::stop_token& stop) {
        bundle::Join join(sources_, input_.buffer_bytes);
        for (std::uint32_t groups = 0;; ++groups) {
            constexpr std::uint32_t groups_between_looks = 4096;
            if (groups % groups_between_looks == 0 && stop.stop_requested())
                return fail(Errc::cancelled, "the visit was abandoned");
            WCMP_ASSIGN(const auto copies, join.next());
            if (copies.empty()) break;
            WCMP_TRY(decide(copies));
        }
        note_sources(join.bad_sources(), plan_.wrong_in_drive);
        note_sources(join.unreadable_sources(), plan_.unreadable_in_drive);
        if (plan_.usable()) take_digests(join);
        return std::move(plan_);
    }

private:
    // What cannot be used of the store is the store's to look after, whatever is wrong with it.
    void note_sources(std::span<const std::uint32_t> sources, std::vector<std::uint32_t>& of_drive) {
        for (const auto source : sources)
            if (source < drive_from_)
                plan_.wrong_in_store.push_back(source);
            else
                of_drive.push_back(source - drive_from_);
    }

    // One message: who has it, and what follows.
    Result<void> decide(std::span<const bundle::Copy> copies) {
        const auto split =
            std::ranges::find_if(copies, [&](const auto& copy) { return copy.source >= drive_from_; });
        const auto ours = copies.first(static_cast<std::size_t>(split - copies.begin()));
        const auto theirs = copies.subspan(ours.size());
        if (ours.empty()) {
            decide_import(theirs);
            return {};
        }
        const auto& entry = ours.front().entry;
        if (is_dead(verdict_on(entry))) return {};
        WCMP_ASSIGN(const bool claimed, is_claimed(entry.length, theirs));
        if (claimed)
            ++plan_.known;
        else
            exports_.add(ours, 0);
        return {};
    }

    // A length is only claimed as yet: one that the rules refuse, or that no message has, hides no other
    // copy.
    void decide_import(std::span<const bundle::Copy> theirs) {
        admitted_.clear();
        std::optional<message::Verdict> refusal;
        for (const auto& copy : theirs) {
            const auto verdict = verdict_on(copy.entry);
            const bool possible = is_possible(copy.entry);
            if (possible && !is_dead(verdict)) note_lacking(copy);
            if (possible && verdict == message::Verdict::admitted) admitted_.push_back(copy);
            if (verdict != message::Verdict::admitted) refusal = verdict;
        }
        if (!admitted_.empty())
            decide_by_rank();
        else if (refusal)
            ++plan_.refused[static_cast<std::size_t>(*refusal)];
        else
            ++plan_.too_short;
    }

    void decide_by_rank() {
        const auto& entry = admitted_.front().entry;
        if (const auto& retention = input_.retention; retention.rank) {
            const auto rank = retention.rank(entry.key.id);
            if (rank >= retention.threshold) {
                ++plan_.refused[static_cast<std::size_t>(message::Verdict::evicted)];
                return;
            }
            plan_.import_ranks.add(rank, bundle::file_bytes_with(entry.length));
        }
        imports_.add(admitted_, drive_from_);
    }

    message::Verdict verdict_on(const bundle::Entry& entry) const {
        return message::admit(entry.key.day, entry.length, input_.admission, input_.today);
    }

    static bool is_dead(message::Verdict verdict) {
        return verdict == message::Verdict::expired || verdict == message::Verdict::horizon;
    }

    static bool is_possible(const bundle::Entry& entry) {
        return entry.length >= limits::opaque_message_bytes_min;
    }

    void note_lacking(const bundle::Copy& theirs) {
        plan_.lacking_in_store[theirs.source - drive_from_] = true;
    }

    // A claim counts only if the length equals ours, and if its bundle has not been found wrong.
    Result<bool> is_claimed(std::uint32_t length, std::span<const bundle::Copy> theirs) {
        bool claimed = false;
        for (const auto& copy : theirs) {
            const auto source = copy.source - drive_from_;
            if (copy.entry.length != length && is_possible(copy.entry)) note_lacking(copy);
            if (copy.entry.length != length || input_.distrusted[source]) continue;
            claimed = true;
            WCMP_TRY(plan_.claims[source].offer(copy.entry, random_));
        }
        return claimed;
    }

    void take_digests(const bundle::Join& join) {
        for (std::uint32_t i = 0; i < sources_.size(); ++i)
            (i < drive_from_ ? plan_.store_digests : plan_.drive_digests).push_back(join.digests(i));
        imports_.finish(plan_.drive_digests);
        exports_.finish(plan_.store_digests);
    }

    const PlanInput& input_;
    Random& random_;
    Readers sources_;
    std::vector<bundle::Copy> admitted_;  // of the message that comes by
    std::uint32_t drive_from_ = 0;
    Plan plan_;
    TransferPlan imports_{plan_.imports, input_.import_sampling};
    TransferPlan exports_{plan_.exports, input_.export_sampling};
};

}  // namespace

Result<Plan> make_plan(const PlanInput& input, Random& random, const std::stop_token& stop) {
    return Planner(input, random).run(stop);
}

}  // namespace wcmp::sync
