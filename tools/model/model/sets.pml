/* Sets of members, of transactions and of listed generations are bit masks. */
#define IN(x, set) (((set) >> (x)) & 1)
#define ONLY(x) (1 << (x))
#define SIZE(set) (IN(0, set) + IN(1, set) + IN(2, set) + IN(3, set) + IN(4, set))
#define CONTAINS(a, b) (((b) & ~(a)) == 0)
#define LOWEST(set) ((set) & (~(set) + 1))
#define INDEX(one) (IN(1, one) + 2 * IN(2, one) + 3 * IN(3, one))
