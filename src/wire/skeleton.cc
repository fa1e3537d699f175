#include "wire/skeleton.h"
