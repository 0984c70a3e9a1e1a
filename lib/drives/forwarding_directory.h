// A directory that passes everything on: what wraps a drive derives from it and changes what it must.
#pragma once

#include "io/file.h"

#include <memory>
#include <utility>

namespace wcmp::drives {

class ForwardingDirectory : public io::Directory {
public:
    explicit ForwardingDirectory(std::unique_ptr<io::Directory> inner)
        : owned_(std::move(inner)), inner_(owned_.get()) {}
    // Of somebody else's, who keeps it longer.
    explicit ForwardingDirectory(io::Directory& inner) : inner_(&inner) {}

    Result<void> list(const std::function<void(std::string_view)>& visit) const override {
        return inner_->list(visit);
    }
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override {
        return inner_->open(name);
    }
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view name) override {
        return inner_->open_for_writing(name);
    }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        return inner_->create(name);
    }
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override { return inner_->create_unnamed(); }
    Result<void> unlink(std::string_view name) override { return inner_->unlink(name); }
    Result<void> rename(std::string_view from, std::string_view to) override {
        return inner_->rename(from, to);
    }
    Result<void> sync() override { return inner_->sync(); }
    Result<void> sync_file_system() override { return inner_->sync_file_system(); }
    Result<void> set_constant_times() override { return inner_->set_constant_times(); }
    Result<io::Space> space() const override { return inner_->space(); }
    Result<std::unique_ptr<io::Lock>> lock() override { return inner_->lock(); }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override {
        return inner_->open_directory(name);
    }
    Result<void> make_directory(std::string_view name) override { return inner_->make_directory(name); }

private:
    std::unique_ptr<io::Directory> owned_;
    io::Directory* inner_;
};

}  // namespace wcmp::drives
