#include "sync/upkeep_step.h"

#include "bundle/verify.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::sync {
namespace {

// Given back at the end of the scope.
class UpkeepTurn {
public:
    explicit UpkeepTurn(UpkeepSide& side) : side_(side) {}
    UpkeepTurn(const UpkeepTurn&) = delete;
    UpkeepTurn& operator=(const UpkeepTurn&) = delete;
    ~UpkeepTurn() {
        if (held_) side_.end_step();
    }
    Result<void> take(const std::stop_token& stop) {
        WCMP_TRY(side_.begin_step(stop));
        held_ = true;
        return {};
    }

private:
    UpkeepSide& side_;
    bool held_ = false;
};

// It went meanwhile, here or on another machine.
bool has_vanished(const Error& error) {
    return error.code == Errc::not_found || error.os_error == ESTALE;
}

}  // namespace

Result<void> UpkeepWork::run() {
    if (world_.stop.stop_requested()) return fail(Errc::cancelled, "the upkeep was abandoned");
    UpkeepTurn turn(world_.side);
    WCMP_TRY(turn.take(world_.stop));
    return work();
}

Result<void> UpkeepWork::work() {
    WCMP_ASSIGN(const bool opened, open());
    if (!opened) return {};
    // Whatever lives in the inputs, as if a store without rules took it from a drive.
    const PlanInput input{
        .store = {},
        .drive = readers_,
        .distrusted = std::vector<bool>(readers_.size()),
        .admission = {.lifetime_days_max = ~std::uint32_t{0}, .message_bytes_max = ~std::uint64_t{0}},
        .today = world_.today,
        .buffer_bytes = world_.settings.buffer_bytes};
    auto plan = make_plan(input, world_.random, world_.stop);
    if (!plan) return excuse(plan.error(), true);
    WCMP_ASSIGN(const bool sound, settle_wrong(*plan));
    if (!sound) return {};
    world_.result.invalid[static_cast<std::size_t>(Errc::size)] += plan->too_short;
    return unite(plan->imports);
}

// Anew: what was planned may be gone. And never mapped: a sector that gives nothing is an error, not a
// signal.
Result<bool> UpkeepWork::open() {
    const auto& directory = world_.side.directory();
    for (const auto& name : inputs_) {
        auto file = directory.open(bundle::to_string(name));
        auto reader = file ? bundle::Reader::open(std::move(*file), name)
                           : Result<std::shared_ptr<bundle::Reader>>(std::unexpected(file.error()));
        if (!reader) {
            WCMP_TRY(excuse(reader.error(), true));
            return false;
        }
        readers_.push_back(std::move(*reader));
    }
    return true;
}

// False: an index is wrong, or cannot be read.
Result<bool> UpkeepWork::settle_wrong(const Plan& plan) {
    for (const auto place : plan.unreadable_in_drive) note_unreadable(inputs_[place]);
    std::vector<bundle::Name> wrong;
    wrong.reserve(plan.wrong_in_drive.size());
    for (const auto place : plan.wrong_in_drive) wrong.push_back(inputs_[place]);
    world_.left.insert(wrong.begin(), wrong.end());
    if (!wrong.empty()) WCMP_TRY(world_.side.found_wrong(wrong, world_.stop));
    return plan.usable();
}

Result<void> UpkeepWork::unite(Transfer& transfer) {
    TransferOrder order{
        .transfer = transfer,
        .giving_bundles = readers_.size(),
        .buffer_bytes = world_.settings.buffer_bytes,
        .options = {.shared = world_.settings.shared,
                    .stop = world_.stop,
                    .on_message = [this](const auto& item,
                                         const auto&) { world_.progress.advance(item.length); }},
        .commit_piece =
            [this](auto items, auto& source, const auto& how) {
                return bundle::commit(world_.side.directory(), items, source, how);
            },
        .committed = [this](const CommittedPiece& piece) { return committed(piece); },
        .bad_message = [this](Errc code) { count_invalid(code); },
        .unreadable_in_a_row_max = 1};
    const auto done = carry_out(order, world_.random);
    if (!done) {
        WCMP_TRY(world_.side.publish(outputs_, {}));
        return excuse(done.error(), order.input_failed);
    }
    if (whole_pieces_ == transfer.pieces.size()) return take_inputs_away();
    leave({Errc::busy, "the name of a bundle that upkeep makes is taken"});
    return world_.side.publish(outputs_, {});
}

Result<void> UpkeepWork::committed(const CommittedPiece& piece) {
    world_.result.bytes_written += piece.commit.bytes_written;
    outputs_.insert(outputs_.end(), piece.commit.files.begin(), piece.commit.files.end());
    whole_pieces_ += piece.covers_inputs ? 1 : 0;
    return {};
}

Result<void> UpkeepWork::take_inputs_away() {
    WCMP_TRY(world_.side.publish(outputs_, covered_by(inputs_, outputs_)));
    if (world_.settings.distrust != nullptr)
        for (const auto& name : inputs_) world_.settings.distrust->remove(name);
    // What became itself had nothing dead or invalid in it, whatever was thought.
    for (const auto& name : outputs_)
        if (std::ranges::find(inputs_, name) != inputs_.end()) world_.left.insert(name);
    switch (reason_) {
    case UpkeepReason::all_dead: world_.result.dropped += inputs_.size(); break;
    case UpkeepReason::too_many: world_.result.merged += inputs_.size(); break;
    case UpkeepReason::invalid:
    case UpkeepReason::dead_days: world_.result.rewritten += inputs_.size(); break;
    }
    return {};
}

// What one bundle is to blame for hides no other.
Result<void> UpkeepWork::excuse(const Error& error, bool of_reading) {
    if (of_reading && error.os_error == EIO) return find_unreadable();
    const bool of_one = of_reading && (has_vanished(error) || error.code == Errc::bundle);
    if (!of_one && error.code != Errc::no_space && error.code != Errc::unreliable_medium)
        return std::unexpected(error);
    leave(error);
    return {};
}

// Each is read whole, so that the others can go on without those that give nothing somewhere.
Result<void> UpkeepWork::find_unreadable() {
    for (const auto& name : inputs_) {
        auto file = world_.side.directory().open(bundle::to_string(name));
        auto reader = file ? bundle::Reader::open(std::move(*file), name)
                           : Result<std::shared_ptr<bundle::Reader>>(std::unexpected(file.error()));
        const auto read =
            reader ? bundle::verify_all(*reader, world_.stop) : Result<void>(std::unexpected(reader.error()));
        if (!read && read.error().code == Errc::cancelled) return read;
        if (!read && read.error().os_error == EIO) note_unreadable(name);
    }
    // If none is found the place gave its bytes this time: the next upkeep sees.
    if (std::ranges::none_of(inputs_, [this](const auto& name) { return world_.is_left_alone(name); }))
        leave({Errc::unreliable_medium, "a place was read at one time and not at another"});
    return {};
}

void UpkeepWork::leave(const Error& error) {
    world_.left.insert(inputs_.begin(), inputs_.end());
    world_.result.left += inputs_.size();
    if (!world_.result.error) world_.result.error = error;
}

void UpkeepWork::note_unreadable(const bundle::Name& name) {
    ++world_.result.unreadable;
    world_.left.insert(name);
    if (world_.settings.unreadable != nullptr) world_.settings.unreadable->insert(name);
}

void UpkeepWork::count_invalid(Errc code) {
    const auto place = is_format_class(code) ? code : Errc::bundle;
    ++world_.result.invalid[static_cast<std::size_t>(place)];
}

}  // namespace wcmp::sync
