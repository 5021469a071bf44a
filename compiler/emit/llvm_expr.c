// Kernel expressions as LLVM values.
#include "emit/llvm_expr.h"

#include "abi.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

LLVMTypeRef nc_llvm_type(NcLlvmKernel *k, NcDtype dtype, int lanes) {
  LLVMTypeRef scalar = NULL;
  switch (dtype) {
  case NC_BOOL:
    scalar = LLVMInt1TypeInContext(k->context);
    break;
  case NC_U8:
    scalar = LLVMInt8TypeInContext(k->context);
    break;
  case NC_I32:
    scalar = LLVMInt32TypeInContext(k->context);
    break;
  case NC_I64:
    scalar = LLVMInt64TypeInContext(k->context);
    break;
  case NC_F32:
    scalar = LLVMFloatTypeInContext(k->context);
    break;
  case NC_F64:
    scalar = LLVMDoubleTypeInContext(k->context);
    break;
  }
  return lanes > 1 ? LLVMVectorType(scalar, (unsigned)lanes) : scalar;
}

LLVMTypeRef nc_llvm_memory_type(NcLlvmKernel *k, NcDtype dtype, int lanes) {
  return nc_llvm_type(k, dtype == NC_BOOL ? NC_U8 : dtype, lanes);
}

LLVMValueRef nc_llvm_int(NcLlvmKernel *k, int64_t value) {
  return LLVMConstInt(LLVMInt64TypeInContext(k->context), (unsigned long long)value, 1);
}

LLVMValueRef nc_llvm_index(NcLlvmKernel *k, const NcKIndex *index) {
  LLVMValueRef sum = NULL;
  for (int i = 0; i < index->count; i++) {
    LLVMValueRef term = k->vars[index->terms[i].var];
    if (index->terms[i].coef != 1)
      term = LLVMBuildNSWMul(k->builder, term, nc_llvm_int(k, index->terms[i].coef), "");
    sum = sum ? LLVMBuildNSWAdd(k->builder, sum, term, "") : term;
  }
  LLVMValueRef constant = nc_llvm_int(k, index->constant);
  if (!sum)
    return constant;
  return index->constant ? LLVMBuildNSWAdd(k->builder, sum, constant, "") : sum;
}

LLVMValueRef nc_llvm_local(NcLlvmKernel *k, int local, const NcKIndex *index) {
  const NcKLocal *l = &k->kernel->locals.items[local];
  LLVMValueRef at = nc_llvm_index(k, index);
  return LLVMBuildInBoundsGEP2(k->builder, nc_llvm_type(k, l->dtype, l->lanes), k->locals[local],
                               &at, 1, "");
}

LLVMValueRef nc_llvm_intrinsic(NcLlvmKernel *k, const char *name, LLVMTypeRef *types,
                               int type_count, LLVMValueRef *args, int arg_count) {
  unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
  LLVMValueRef function = LLVMGetIntrinsicDeclaration(k->module, id, types, (size_t)type_count);
  LLVMTypeRef type = LLVMIntrinsicGetType(k->context, id, types, (size_t)type_count);
  return LLVMBuildCall2(k->builder, type, function, args, (unsigned)arg_count, "");
}

static LLVMValueRef lane(NcLlvmKernel *k, int i) {
  return LLVMConstInt(LLVMInt32TypeInContext(k->context), (unsigned)i, 0);
}

static LLVMValueRef splat(NcLlvmKernel *k, LLVMValueRef scalar, int lanes) {
  LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(scalar), (unsigned)lanes);
  LLVMValueRef one =
      LLVMBuildInsertElement(k->builder, LLVMGetPoison(type), scalar, lane(k, 0), "");
  LLVMValueRef zeros =
      LLVMConstNull(LLVMVectorType(LLVMInt32TypeInContext(k->context), (unsigned)lanes));
  return LLVMBuildShuffleVector(k->builder, one, LLVMGetPoison(type), zeros, "");
}

static LLVMValueRef constant(NcLlvmKernel *k, const NcKExpr *x) {
  LLVMTypeRef type = nc_llvm_type(k, x->dtype, 1);
  LLVMValueRef value = nc_dtype_is_float(x->dtype)
                           ? LLVMConstReal(type, x->value)
                           : LLVMConstInt(type, (unsigned long long)x->integer, 1);
  return x->lanes > 1 ? splat(k, value, x->lanes) : value;
}

// i, i+stride, i+2*stride, …
static LLVMValueRef steps_from(NcLlvmKernel *k, LLVMValueRef start, int64_t stride, int lanes) {
  LLVMValueRef steps[16];
  for (int i = 0; i < lanes; i++)
    steps[i] = nc_llvm_int(k, i * stride);
  return LLVMBuildAdd(k->builder, splat(k, start, lanes), LLVMConstVector(steps, (unsigned)lanes),
                      "");
}

static LLVMValueRef index_value(NcLlvmKernel *k, const NcKExpr *x) {
  LLVMValueRef start = nc_llvm_index(k, &x->index);
  return x->lanes > 1 ? steps_from(k, start, x->lane_stride, x->lanes) : start;
}

LLVMValueRef nc_llvm_mask(NcLlvmKernel *k, int lanes, int active) {
  LLVMValueRef bits[16];
  for (int i = 0; i < lanes; i++)
    bits[i] = LLVMConstInt(LLVMInt1TypeInContext(k->context), i < active, 0);
  return LLVMConstVector(bits, (unsigned)lanes);
}

// A vector of `lanes` whose elements `first` … end-1 are the first ones of the source, all others
// `value`'s.
static LLVMValueRef blend(NcLlvmKernel *k, LLVMValueRef value, LLVMValueRef source, int lanes,
                          int first, int end) {
  LLVMValueRef numbers[16];
  for (int i = 0; i < lanes; i++)
    numbers[i] = lane(k, i >= first && i < end ? lanes + i - first : i);
  return LLVMBuildShuffleVector(k->builder, value, source,
                                LLVMConstVector(numbers, (unsigned)lanes), "");
}

// Elements `first` … first+count-1 of a vector of `lanes`, or none beyond its end.
static LLVMValueRef part(NcLlvmKernel *k, LLVMValueRef vector, int lanes, int first, int count) {
  LLVMValueRef numbers[16];
  for (int i = 0; i < count; i++)
    numbers[i] =
        first + i < lanes ? lane(k, first + i) : LLVMGetPoison(LLVMInt32TypeInContext(k->context));
  return LLVMBuildShuffleVector(k->builder, vector, LLVMGetPoison(LLVMTypeOf(vector)),
                                LLVMConstVector(numbers, (unsigned)count), "");
}

static LLVMValueRef bytes_from(NcLlvmKernel *k, LLVMValueRef pointer, int at) {
  LLVMValueRef offset = nc_llvm_int(k, at);
  return LLVMBuildInBoundsGEP2(k->builder, LLVMInt8TypeInContext(k->context), pointer, &offset, 1,
                               "");
}

// The most bytes, a power of two, that go at once of so many.
static int bytes_at_once(int left) {
  int count = 1;
  while (2 * count <= left)
    count *= 2;
  return count;
}

// Whether some lanes go to and from memory in parts, as the processor has no masks for them.
static bool goes_in_parts(const NcLlvmKernel *k, NcDtype dtype) {
  return nc_dtype_size(dtype) == 1 && k->target->vector_bytes < 64;
}

static LLVMValueRef load_parts(NcLlvmKernel *k, const NcKExpr *x, LLVMTypeRef type,
                               LLVMValueRef pointer) {
  LLVMValueRef value = LLVMConstNull(type);
  for (int at = 0, count; at < x->active; at += count) {
    count = bytes_at_once(x->active - at);
    LLVMValueRef loaded = LLVMBuildLoad2(k->builder, nc_llvm_memory_type(k, x->dtype, count),
                                         bytes_from(k, pointer, at), "");
    LLVMSetAlignment(loaded, 1);
    if (count == 1)
      value = LLVMBuildInsertElement(k->builder, value, loaded, lane(k, at), "");
    else
      value = blend(k, value, part(k, loaded, count, 0, x->lanes), x->lanes, at, at + count);
  }
  return value;
}

static void store_parts(NcLlvmKernel *k, LLVMValueRef value, int lanes, int active,
                        LLVMValueRef pointer) {
  for (int at = 0, count; at < active; at += count) {
    count = bytes_at_once(active - at);
    LLVMValueRef some = count == 1 ? LLVMBuildExtractElement(k->builder, value, lane(k, at), "")
                                   : part(k, value, lanes, at, count);
    LLVMSetAlignment(LLVMBuildStore(k->builder, some, bytes_from(k, pointer, at)), 1);
  }
}

void nc_llvm_store_some(NcLlvmKernel *k, NcDtype dtype, LLVMValueRef value, int lanes, int active,
                        LLVMValueRef pointer) {
  if (goes_in_parts(k, dtype)) {
    store_parts(k, value, lanes, active, pointer);
    return;
  }
  LLVMTypeRef types[] = {LLVMTypeOf(value), LLVMTypeOf(pointer)};
  LLVMValueRef args[] = {
      value, pointer,
      LLVMConstInt(LLVMInt32TypeInContext(k->context), (unsigned)nc_dtype_size(dtype), 0),
      nc_llvm_mask(k, lanes, active)};
  nc_llvm_intrinsic(k, "llvm.masked.store", types, 2, args, 4);
}

static LLVMValueRef load_some(NcLlvmKernel *k, const NcKExpr *x, LLVMTypeRef type,
                              LLVMValueRef pointer) {
  if (goes_in_parts(k, x->dtype))
    return load_parts(k, x, type, pointer);
  LLVMTypeRef types[] = {type, LLVMTypeOf(pointer)};
  LLVMValueRef args[] = {
      pointer,
      LLVMConstInt(LLVMInt32TypeInContext(k->context), (unsigned)nc_dtype_size(x->dtype), 0),
      nc_llvm_mask(k, x->lanes, x->active), LLVMConstNull(type)};
  return nc_llvm_intrinsic(k, "llvm.masked.load", types, 2, args, 4);
}

static LLVMValueRef load_at(NcLlvmKernel *k, const NcKExpr *x, LLVMValueRef address, int lanes) {
  LLVMTypeRef element = nc_llvm_memory_type(k, x->dtype, 1),
              type = nc_llvm_memory_type(k, x->dtype, lanes);
  LLVMValueRef pointer =
      LLVMBuildInBoundsGEP2(k->builder, element, k->buffers[x->buffer], &address, 1, "");
  LLVMValueRef value;
  if (lanes > 1 && x->active) {
    value = load_some(k, x, type, pointer);
  } else {
    value = LLVMBuildLoad2(k->builder, type, pointer, "");
    LLVMSetAlignment(value, (unsigned)nc_dtype_size(x->dtype));
  }
  if (x->dtype != NC_BOOL)
    return value;
  return LLVMBuildICmp(k->builder, LLVMIntNE, value, LLVMConstNull(LLVMTypeOf(value)), "");
}

static LLVMValueRef load(NcLlvmKernel *k, const NcKExpr *x) {
  LLVMValueRef address = nc_llvm_index(k, &x->index);
  LLVMValueRef loaded = x->loaded ? nc_llvm_expr(k, x->loaded) : NULL;
  if (loaded) {
    LLVMValueRef scale = nc_llvm_int(k, x->loaded_scale);
    if (x->loaded->lanes > 1)
      scale = splat(k, scale, x->loaded->lanes);
    loaded = LLVMBuildMul(k->builder, loaded, scale, "");
  }
  bool spread = x->loaded && x->loaded->lanes > 1;
  if (x->lanes == 1 || (x->lane_stride == 1 && !spread)) {
    if (loaded)
      address = LLVMBuildAdd(k->builder, address, loaded, "");
    return load_at(k, x, address, x->lanes);
  }
  LLVMValueRef addresses = steps_from(k, address, x->lane_stride, x->lanes);
  if (loaded)
    addresses =
        LLVMBuildAdd(k->builder, addresses, spread ? loaded : splat(k, loaded, x->lanes), "");
  LLVMValueRef result = x->active ? LLVMConstNull(nc_llvm_type(k, x->dtype, x->lanes))
                                  : LLVMGetPoison(nc_llvm_type(k, x->dtype, x->lanes));
  for (int i = 0; i < (x->active ? x->active : x->lanes); i++) {
    LLVMValueRef one = LLVMBuildExtractElement(k->builder, addresses, lane(k, i), "");
    result = LLVMBuildInsertElement(k->builder, result, load_at(k, x, one, 1), lane(k, i), "");
  }
  return result;
}

LLVMValueRef nc_llvm_frame(NcLlvmKernel *k, size_t field) {
  LLVMValueRef at = nc_llvm_int(k, (int64_t)field);
  return LLVMBuildInBoundsGEP2(k->builder, LLVMInt8TypeInContext(k->context), k->frame, &at, 1, "");
}

static LLVMValueRef frame_value(NcLlvmKernel *k, NcFrameValue which) {
  static const size_t offsets[] = {
      [NC_FRAME_BATCH] = offsetof(NcrtFrame, batch),
      [NC_FRAME_SEED] = offsetof(NcrtFrame, seed),
      [NC_FRAME_STEP] = offsetof(NcrtFrame, step),
      [NC_FRAME_EPOCH] = offsetof(NcrtFrame, epoch),
  };
  LLVMTypeRef i64 = LLVMInt64TypeInContext(k->context);
  return LLVMBuildLoad2(k->builder, i64, nc_llvm_frame(k, offsets[which]), "");
}

static bool is_signed(NcDtype dtype) { return dtype == NC_I32 || dtype == NC_I64; }

static LLVMValueRef cast(NcLlvmKernel *k, const NcKExpr *x, LLVMValueRef a) {
  NcDtype from = x->args[0]->dtype, to = x->dtype;
  LLVMTypeRef type = nc_llvm_type(k, to, x->lanes);
  if (to == NC_BOOL) {
    LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(a));
    return nc_dtype_is_float(from) ? LLVMBuildFCmp(k->builder, LLVMRealUNE, a, zero, "")
                                   : LLVMBuildICmp(k->builder, LLVMIntNE, a, zero, "");
  }
  if (nc_dtype_is_float(from) && nc_dtype_is_float(to))
    return LLVMBuildFPCast(k->builder, a, type, "");
  if (nc_dtype_is_float(from)) {
    LLVMTypeRef types[] = {type, LLVMTypeOf(a)};
    return nc_llvm_intrinsic(k, is_signed(to) ? "llvm.fptosi.sat" : "llvm.fptoui.sat", types, 2, &a,
                             1);
  }
  if (nc_dtype_is_float(to))
    return is_signed(from) ? LLVMBuildSIToFP(k->builder, a, type, "")
                           : LLVMBuildUIToFP(k->builder, a, type, "");
  return LLVMBuildIntCast2(k->builder, a, type, is_signed(from), "");
}

// max(a, b) is (a > b or a is NaN) ? a : b; min likewise.
static LLVMValueRef extreme(NcLlvmKernel *k, bool max, NcDtype dtype, LLVMValueRef a,
                            LLVMValueRef b) {
  LLVMValueRef take;
  if (nc_dtype_is_float(dtype)) {
    LLVMValueRef beyond = LLVMBuildFCmp(k->builder, max ? LLVMRealOGT : LLVMRealOLT, a, b, "");
    take = LLVMBuildOr(k->builder, beyond, LLVMBuildFCmp(k->builder, LLVMRealUNO, a, a, ""), "");
  } else if (is_signed(dtype)) {
    take = LLVMBuildICmp(k->builder, max ? LLVMIntSGT : LLVMIntSLT, a, b, "");
  } else {
    take = LLVMBuildICmp(k->builder, max ? LLVMIntUGT : LLVMIntULT, a, b, "");
  }
  return LLVMBuildSelect(k->builder, take, a, b, "");
}

// Integer divisors are neither 0 nor, for the least integer, -1: lowering saw to that.
static LLVMValueRef divide(NcLlvmKernel *k, NcDtype dtype, LLVMValueRef a, LLVMValueRef b) {
  if (nc_dtype_is_float(dtype))
    return LLVMBuildFDiv(k->builder, a, b, "");
  return is_signed(dtype) ? LLVMBuildSDiv(k->builder, a, b, "")
                          : LLVMBuildUDiv(k->builder, a, b, "");
}

static LLVMValueRef compare(NcLlvmKernel *k, const NcKExpr *x, LLVMValueRef a, LLVMValueRef b) {
  NcDtype dtype = x->args[0]->dtype;
  if (nc_dtype_is_float(dtype)) {
    LLVMRealPredicate p = x->kind == NC_X_EQ   ? LLVMRealOEQ
                          : x->kind == NC_X_NE ? LLVMRealUNE
                          : x->kind == NC_X_LT ? LLVMRealOLT
                                               : LLVMRealOLE;
    return LLVMBuildFCmp(k->builder, p, a, b, "");
  }
  LLVMIntPredicate p = x->kind == NC_X_EQ   ? LLVMIntEQ
                       : x->kind == NC_X_NE ? LLVMIntNE
                       : x->kind == NC_X_LT ? (is_signed(dtype) ? LLVMIntSLT : LLVMIntULT)
                                            : (is_signed(dtype) ? LLVMIntSLE : LLVMIntULE);
  return LLVMBuildICmp(k->builder, p, a, b, "");
}

// The high half of the unsigned product of two 32-bit integers.
static LLVMValueRef multiply_high(NcLlvmKernel *k, const NcKExpr *x, LLVMValueRef a,
                                  LLVMValueRef b) {
  LLVMTypeRef wide = nc_llvm_type(k, NC_I64, x->lanes);
  LLVMValueRef product = LLVMBuildMul(k->builder, LLVMBuildZExt(k->builder, a, wide, ""),
                                      LLVMBuildZExt(k->builder, b, wide, ""), "");
  LLVMValueRef shift = nc_llvm_int(k, 32);
  product =
      LLVMBuildLShr(k->builder, product, x->lanes > 1 ? splat(k, shift, x->lanes) : shift, "");
  return LLVMBuildTrunc(k->builder, product, nc_llvm_type(k, NC_I32, x->lanes), "");
}

static LLVMValueRef unary(NcLlvmKernel *k, const NcKExpr *x, LLVMValueRef a) {
  LLVMTypeRef type = LLVMTypeOf(a);
  bool is_float = nc_dtype_is_float(x->dtype);
  switch (x->kind) {
  case NC_X_NEG:
    return is_float ? LLVMBuildFNeg(k->builder, a, "") : LLVMBuildNeg(k->builder, a, "");
  case NC_X_NOT:
    return LLVMBuildNot(k->builder, a, "");
  case NC_X_ABS: {
    if (is_float)
      return nc_llvm_intrinsic(k, "llvm.fabs", &type, 1, &a, 1);
    if (!is_signed(x->dtype))
      return a;
    LLVMValueRef negative = LLVMBuildICmp(k->builder, LLVMIntSLT, a, LLVMConstNull(type), "");
    return LLVMBuildSelect(k->builder, negative, LLVMBuildNeg(k->builder, a, ""), a, "");
  }
  case NC_X_SQRT:
    return nc_llvm_intrinsic(k, "llvm.sqrt", &type, 1, &a, 1);
  case NC_X_FLOOR:
    return nc_llvm_intrinsic(k, "llvm.floor", &type, 1, &a, 1);
  default:
    assert(!"not a unary operation");
    return NULL;
  }
}

static LLVMValueRef arithmetic(NcLlvmKernel *k, const NcKExpr *x, LLVMValueRef a, LLVMValueRef b) {
  bool is_float = nc_dtype_is_float(x->dtype);
  LLVMBuilderRef builder = k->builder;
  switch (x->kind) {
  case NC_X_ADD:
    return is_float ? LLVMBuildFAdd(builder, a, b, "") : LLVMBuildAdd(builder, a, b, "");
  case NC_X_SUB:
    return is_float ? LLVMBuildFSub(builder, a, b, "") : LLVMBuildSub(builder, a, b, "");
  case NC_X_MUL:
    return is_float ? LLVMBuildFMul(builder, a, b, "") : LLVMBuildMul(builder, a, b, "");
  case NC_X_DIV:
    return divide(k, x->dtype, a, b);
  case NC_X_MAX:
    return extreme(k, true, x->dtype, a, b);
  case NC_X_MIN:
    return extreme(k, false, x->dtype, a, b);
  case NC_X_AND:
    return LLVMBuildAnd(builder, a, b, "");
  case NC_X_OR:
    return LLVMBuildOr(builder, a, b, "");
  case NC_X_XOR:
    return LLVMBuildXor(builder, a, b, "");
  case NC_X_SHR:
    return LLVMBuildLShr(builder, a, b, "");
  case NC_K_SHL:
    return LLVMBuildShl(builder, a, b, "");
  case NC_X_MULHI:
    return multiply_high(k, x, a, b);
  default:
    return compare(k, x, a, b);
  }
}

static LLVMValueRef fold_pair(NcLlvmKernel *k, const NcKExpr *x, LLVMValueRef a, LLVMValueRef b) {
  if (x->fold != NC_REDUCE_SUM)
    return extreme(k, x->fold == NC_REDUCE_MAX, x->dtype, a, b);
  return nc_dtype_is_float(x->dtype) ? LLVMBuildFAdd(k->builder, a, b, "")
                                     : LLVMBuildAdd(k->builder, a, b, "");
}

// Halves the vector until one lane is left: one order of additions at every width.
static LLVMValueRef fold(NcLlvmKernel *k, const NcKExpr *x, LLVMValueRef vector) {
  for (int lanes = x->args[0]->lanes / 2; lanes >= 1; lanes /= 2) {
    LLVMValueRef a = part(k, vector, 2 * lanes, 0, lanes);
    LLVMValueRef b = part(k, vector, 2 * lanes, lanes, lanes);
    vector = fold_pair(k, x, a, b);
  }
  return LLVMBuildExtractElement(k->builder, vector, lane(k, 0), "");
}

// Bit 0 is lane 0, as machines are little-endian.
static LLVMValueRef mask(NcLlvmKernel *k, LLVMValueRef lanes, int count) {
  LLVMTypeRef bits = LLVMIntTypeInContext(k->context, (unsigned)count);
  return LLVMBuildZExt(k->builder, LLVMBuildBitCast(k->builder, lanes, bits, ""),
                       LLVMInt64TypeInContext(k->context), "");
}

LLVMValueRef nc_llvm_expr(NcLlvmKernel *k, const NcKExpr *x) {
  switch (x->kind) {
  case NC_X_CONST:
    return constant(k, x);
  case NC_X_LOAD:
    return load(k, x);
  case NC_X_INDEX:
    return index_value(k, x);
  case NC_X_FRAME:
    return frame_value(k, x->frame);
  case NC_X_GIVEN:
    return k->given[x->local];
  case NC_K_TEMP:
    return k->temps[x->local];
  case NC_K_LOCAL:
    return LLVMBuildLoad2(k->builder, nc_llvm_type(k, x->dtype, x->lanes),
                          nc_llvm_local(k, x->local, &x->index), "");
  default:
    break;
  }
  LLVMValueRef args[3] = {NULL, NULL, NULL};
  for (int i = 0; i < 3 && x->args[i]; i++)
    args[i] = nc_llvm_expr(k, x->args[i]);
  switch (x->kind) {
  case NC_K_SPLAT:
    return splat(k, args[0], x->lanes);
  case NC_K_FOLD:
    return fold(k, x, args[0]);
  case NC_K_MASK:
    return mask(k, args[0], x->args[0]->lanes);
  case NC_X_CAST:
    return cast(k, x, args[0]);
  case NC_K_BITS:
    return LLVMBuildBitCast(k->builder, args[0], nc_llvm_type(k, x->dtype, x->lanes), "");
  case NC_X_SELECT:
    return LLVMBuildSelect(k->builder, args[0], args[1], args[2], "");
  case NC_K_FMA: {
    if (!k->target->fma)
      return nc_llvm_exact_fma(k, x->dtype, x->lanes, args);
    LLVMTypeRef type = LLVMTypeOf(args[0]);
    return nc_llvm_intrinsic(k, "llvm.fma", &type, 1, args, 3);
  }
  default:
    return args[1] ? arithmetic(k, x, args[0], args[1]) : unary(k, x, args[0]);
  }
}
