// Where writers cut: a pure function of the sorted sequence of messages (BUNDLE.md, section 1).
#pragma once

#include "bundle/layout.h"

#include <optional>
#include <vector>

namespace wcmp::bundle {

// A run of messages that becomes one file: everything from `first` to `last`.
struct Piece {
    MessageKey first;
    MessageKey last;
    std::uint32_t messages = 0;
    std::uint32_t days = 0;
    std::uint64_t message_bytes = 0;
    std::uint64_t copies = 0;  // of its messages, where they come from

    std::uint64_t file_bytes() const { return bundle::file_bytes(days, messages, message_bytes); }
};

// Takes keys in strictly ascending order and answers pieces as soon as they are certain: it holds two at
// most. A piece also keeps to the numbers of days and messages that a file may have, and to copies_max, where
// whoever writes it holds all copies in memory.
class Cutter {
public:
    explicit Cutter(std::uint64_t cut_bytes = limits::bundle_cut_bytes,
                    std::uint64_t copies_max = ~std::uint64_t{0})
        : cut_bytes_(cut_bytes), copies_max_(copies_max) {}

    // Appends to `pieces` what became certain.
    void add(const MessageKey& key, std::uint32_t length, std::vector<Piece>& pieces,
             std::uint64_t copies = 1);
    void finish(std::vector<Piece>& pieces);

private:
    bool fit_together(const Piece& front, const Piece& back, std::uint32_t days) const;
    void cut_day(const Piece& newest, std::vector<Piece>& pieces);
    void end_day(std::vector<Piece>& pieces);

    std::uint64_t cut_bytes_;
    std::uint64_t copies_max_;
    std::optional<Piece> open_;  // whole days that fit together
    std::optional<Piece> day_;   // the day that is being added, or its newest piece
    bool day_is_cut_ = false;    // it fits no empty piece
};

}  // namespace wcmp::bundle
