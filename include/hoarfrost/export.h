// What a program that links the library may see of it.
#ifndef HOARFROST_EXPORT_H_
#define HOARFROST_EXPORT_H_

#define HOARFROST_EXPORT __attribute__((visibility("default")))

#endif  // HOARFROST_EXPORT_H_
