#include "content.h"

#include "client/printable.h"
#include "exit_codes.h"
#include "io/unique_fd.h"

#include <algorithm>
#include <cerrno>
#include <iostream>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace wcmp::program {
namespace {

std::unexpected<Failure> system_failure(const std::string& path, std::string_view what) {
    return std::unexpected(at(path, error_from_errno(what, errno)));
}

std::size_t terminal_columns() {
    constexpr std::size_t usual = 80;
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

}  // namespace

Outcome<Bytes> read_content(const std::string& path, std::size_t bytes_max, const std::string& too_large) {
    io::UniqueFd file;
    const bool is_standard = path.empty() || path == "-";
    if (!is_standard) file = io::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const std::string named = is_standard ? "standard input" : path;
    if (!is_standard && !file) return system_failure(named, "cannot open the file");
    constexpr std::size_t step_bytes = 65'536;
    Bytes content;
    for (;;) {
        const auto before = content.size();
        content.resize(before + step_bytes);
        const auto got = ::read(is_standard ? STDIN_FILENO : file.get(), content.data() + before, step_bytes);
        content.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure(named, "cannot read it");
        if (got == 0) return content;
        if (content.size() > bytes_max)
            return refuse(exit_data, std::string(named).append(": ").append(too_large));
    }
}

Outcome<void> write_new_file(const std::string& path, ByteView bytes) {
    const io::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return system_failure(path, "cannot make the file");
    while (!bytes.empty()) {
        const auto put = ::write(file.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return system_failure(path, "cannot write the file");
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    if (::fsync(file.get()) != 0 && errno != EINVAL) return system_failure(path, "cannot write the file");
    return {};
}

bool is_terminal_output() {
    return ::isatty(STDOUT_FILENO) != 0;
}

void print_content(ByteView content) {
    const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
    if (is_terminal_output())
        std::cout << client::quoted(client::printable(text, client::Lines::kept), terminal_columns());
    else
        std::cout << text;
}

}  // namespace wcmp::program
