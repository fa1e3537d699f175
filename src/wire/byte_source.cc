#include "wire/byte_source.h"
