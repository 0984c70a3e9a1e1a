#include "progress_line.h"

#include "show.h"

#include <iostream>

#include <unistd.h>

namespace wcmp::program {

ProgressLine::ProgressLine(bool wanted) : shown_(wanted && ::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
    if (percent_) std::cerr << '\n';
}

void ProgressLine::tell(std::uint64_t done, std::uint64_t total) {
    constexpr std::uint64_t all = 100;
    const auto percent = total == 0 ? all : done * all / total;
    if (!shown_ || percent_ == percent) return;
    percent_ = percent;
    std::cerr << '\r' << percent << " % of " << size_text(total) << "   " << std::flush;
}

}  // namespace wcmp::program
