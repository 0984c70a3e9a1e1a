#include "node/spooled_drive.h"

namespace wcmp::node {

namespace {

class SharedFile final : public io::ReadableFile {
public:
    explicit SharedFile(std::shared_ptr<const io::ReadableFile> file) : file_(std::move(file)) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        return file_->read_at(offset, into);
    }
    Result<io::FileStatus> status() const override { return file_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return file_->map(offset, length);
    }
    Result<bool> no_writer() const override { return true; }

private:
    std::shared_ptr<const io::ReadableFile> file_;
};

std::unexpected<Error> refused() {
    return fail(Errc::read_only, "an uploaded bundle is read only");
}

class SpooledDrive final : public io::Directory {
public:
    SpooledDrive(std::shared_ptr<const io::ReadableFile> file, const bundle::Name& name)
        : file_(std::move(file)), name_(bundle::to_string(name)) {}

    Result<void> list(const std::function<void(std::string_view)>& visit) const override {
        visit(name_);
        return {};
    }
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override {
        if (name != name_) return fail(Errc::not_found, "an upload is one file");
        return share(file_);
    }
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view) override {
        return refused();
    }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view) override { return refused(); }
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override { return refused(); }
    Result<void> unlink(std::string_view) override { return refused(); }
    Result<void> rename(std::string_view, std::string_view) override { return refused(); }
    Result<void> sync() override { return {}; }
    Result<void> sync_file_system() override { return {}; }
    Result<void> set_constant_times() override { return refused(); }
    Result<io::Space> space() const override { return io::Space{0, 0, true}; }
    Result<std::unique_ptr<io::Lock>> lock() override { return refused(); }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view) const override {
        return fail(Errc::not_found, "an upload is one file");
    }
    Result<void> make_directory(std::string_view) override { return refused(); }

private:
    std::shared_ptr<const io::ReadableFile> file_;
    std::string name_;
};

}  // namespace

std::unique_ptr<io::Directory> spooled_drive(std::shared_ptr<const io::ReadableFile> file,
                                             const bundle::Name& name) {
    return std::make_unique<SpooledDrive>(std::move(file), name);
}

std::unique_ptr<io::ReadableFile> share(std::shared_ptr<const io::ReadableFile> file) {
    return std::make_unique<SharedFile>(std::move(file));
}

}  // namespace wcmp::node
