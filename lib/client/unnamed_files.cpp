#include "client/unnamed_files.h"

namespace wcmp::client {
namespace {

// A file that others have open as well.
class SharedFile final : public io::WritableFile {
public:
    explicit SharedFile(std::shared_ptr<io::WritableFile> file) : file_(std::move(file)) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        return file_->read_at(offset, into);
    }
    Result<io::FileStatus> status() const override { return file_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return file_->map(offset, length);
    }
    Result<bool> no_writer() const override { return true; }
    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
        return file_->write_at(offset, bytes);
    }
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override {
        return file_->start_writeback(offset, length);
    }
    // Nobody finds these files after a crash: nothing of them need be durable.
    Result<void> sync() override { return {}; }
    Result<void> sync_data() override { return {}; }
    Result<void> set_constant_times() override { return {}; }

private:
    std::shared_ptr<io::WritableFile> file_;
};

std::unexpected<Error> files_only() {
    return fail(Errc::unsupported, "only files can be made here");
}

}  // namespace

Result<void> UnnamedFiles::list(const std::function<void(std::string_view name)>& visit) const {
    for (const auto& [name, file] : files_) visit(name);
    return {};
}

Result<std::unique_ptr<io::ReadableFile>> UnnamedFiles::open(std::string_view name) const {
    const auto found = files_.find(name);
    if (found == files_.end()) return fail(Errc::not_found, "no file has this name");
    return std::make_unique<SharedFile>(found->second);
}

Result<std::unique_ptr<io::WritableFile>> UnnamedFiles::open_for_writing(std::string_view name) {
    const auto found = files_.find(name);
    if (found == files_.end()) return fail(Errc::not_found, "no file has this name");
    return std::make_unique<SharedFile>(found->second);
}

Result<std::unique_ptr<io::WritableFile>> UnnamedFiles::create(std::string_view name) {
    if (files_.contains(name)) return fail(Errc::exists, "a file has this name already");
    WCMP_ASSIGN(std::shared_ptr<io::WritableFile> file, holder_->create_unnamed());
    files_.emplace(name, file);
    return std::make_unique<SharedFile>(std::move(file));
}

Result<void> UnnamedFiles::unlink(std::string_view name) {
    const auto found = files_.find(name);
    if (found == files_.end()) return fail(Errc::not_found, "no file has this name");
    files_.erase(found);
    return {};
}

Result<void> UnnamedFiles::rename(std::string_view from, std::string_view to) {
    const auto found = files_.find(from);
    if (found == files_.end()) return fail(Errc::not_found, "no file has this name");
    auto file = std::move(found->second);
    files_.erase(found);
    files_.insert_or_assign(std::string(to), std::move(file));
    return {};
}

Result<std::unique_ptr<io::Lock>> UnnamedFiles::lock() {
    return holder_->lock();
}

Result<std::unique_ptr<io::Directory>> UnnamedFiles::open_directory(std::string_view /*name*/) const {
    return files_only();
}

Result<void> UnnamedFiles::make_directory(std::string_view /*name*/) {
    return files_only();
}

}  // namespace wcmp::client
