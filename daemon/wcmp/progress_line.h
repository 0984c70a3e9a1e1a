// How far a long piece of work is: on a terminal, in place, and not more often than people can read.
#pragma once

#include <cstdint>
#include <optional>

namespace wcmp::program {

class ProgressLine {
public:
    explicit ProgressLine(bool wanted);
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine();

    void tell(std::uint64_t done, std::uint64_t total);

private:
    bool shown_;
    std::optional<std::uint64_t> percent_;
};

}  // namespace wcmp::program
