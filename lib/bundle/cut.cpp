#include "bundle/cut.h"

namespace wcmp::bundle {
namespace {

Piece piece_of(const MessageKey& key, std::uint32_t length, std::uint64_t copies) {
    return {.first = key, .last = key, .messages = 1, .days = 1, .message_bytes = length, .copies = copies};
}

void append(Piece& front, const Piece& back, std::uint32_t days) {
    front.last = back.last;
    front.messages += back.messages;
    front.days = days;
    front.message_bytes += back.message_bytes;
    front.copies += back.copies;
}

}  // namespace

// Two runs, one behind the other, as one file. A file's own limits count beside the cut.
bool Cutter::fit_together(const Piece& front, const Piece& back, std::uint32_t days) const {
    const auto messages = std::uint64_t{front.messages} + back.messages;
    if (days > limits::bundle_days_max || messages > limits::bundle_messages_max) return false;
    if (front.copies + back.copies > copies_max_) return false;
    return file_bytes(days, messages, front.message_bytes + back.message_bytes) <= cut_bytes_;
}

void Cutter::add(const MessageKey& key, std::uint32_t length, std::vector<Piece>& pieces,
                 std::uint64_t copies) {
    if (day_ && day_->last.day != key.day) end_day(pieces);
    const Piece message = piece_of(key, length, copies);
    if (!day_) {
        day_ = message;
        day_is_cut_ = message.file_bytes() > cut_bytes_;
    } else if (fit_together(*day_, message, 1)) {
        append(*day_, message, 1);
        return;
    } else {
        day_is_cut_ = true;
    }
    if (day_is_cut_) cut_day(message, pieces);
}

// The day fits no empty piece: what stands before it is complete, and so is its own part but the newest.
void Cutter::cut_day(const Piece& newest, std::vector<Piece>& pieces) {
    if (open_) pieces.push_back(*open_);
    open_.reset();
    if (day_->last != newest.last) pieces.push_back(*day_);
    day_ = newest;
}

void Cutter::end_day(std::vector<Piece>& pieces) {
    if (!day_) return;
    if (day_is_cut_) {
        pieces.push_back(*day_);  // the last piece of such a day holds nothing else
    } else if (open_ && fit_together(*open_, *day_, open_->days + 1)) {
        append(*open_, *day_, open_->days + 1);
    } else {
        if (open_) pieces.push_back(*open_);
        open_ = day_;
    }
    day_.reset();
    day_is_cut_ = false;
}

void Cutter::finish(std::vector<Piece>& pieces) {
    end_day(pieces);
    if (open_) pieces.push_back(*open_);
    open_.reset();
}

}  // namespace wcmp::bundle
