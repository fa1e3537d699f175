// Memory for large arrays in large pages.
//
// A graph of 200,000 nodes takes 170 MB in arrays and arena blocks. In pages of 4 KiB the kernel
// spends as long on handing them out as the parser on filling them; in pages of 2 MiB nearly
// nothing. The kernel gives those where it is asked to ("madvise", the usual setting) or anyway.
// The command replaces operator new for that; the library leaves a program's allocator alone.
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr size_t kPage = size_t{2} << 20;

void* Allocate(size_t bytes) {
  if (bytes < kPage) return std::malloc(bytes == 0 ? 1 : bytes);
  if (bytes > static_cast<size_t>(-1) - kPage) return nullptr;
  void* memory = std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
  // A request: where the kernel has no large pages to give, small ones serve.
  if (memory != nullptr) static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));
  return memory;
}

}  // namespace

void* operator new(size_t bytes) {
  for (;;) {
    if (void* memory = Allocate(bytes)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
