/** Messages as earlier versions wrote them. Append; never change one: what is in a topic stays readable. */
export const SAMPLES: readonly { type: string; version: number; hex: string; says: object }[] = [
  {
    type: 'marker',
    version: 1,
    hex: '0e73657276696e670608c6010212746178692d74697073046d3100008041b7b8794200000000000000f0ff0a0204060000',
    says: {
      marker: {
        topic: 'serving',
        nextOffset: 99,
        monitors: [
          {
            model: 'taxi-tips',
            side: 'serving',
            watermark: 1767571200000,
            closeTo: Number.NEGATIVE_INFINITY,
            counts: { notSelected: 3 },
          },
        ],
      },
    },
  },
  {
    type: 'activation',
    version: 1,
    hex: '12746178692d7469707300040200008041b7b8794206616e6e00108041b7b87942',
    says: { activation: { model: 'taxi-tips', modelVersion: null, baseline: 2, from: 1767571200000, by: 'ann' } },
  },
  {
    type: 'answer',
    version: 1,
    hex: '04613112746178692d7469707302020c37663361393002000202187061796d656e745f747970650843617368000214747269705f6d696c65730006616e6e0080be41b7b879420200008041b7b8794200',
    says: {
      answer: {
        ...{ id: 'a1', model: 'taxi-tips', action: 'mute', alertId: '7f3a90', by: 'ann', until: 1767571200000 },
        scope: { modelVersion: null, segment: { payment_type: 'Cash' }, feature: 'trip_miles', check: null },
      },
    },
  },
  {
    type: 'part',
    version: 1,
    hex: '12746178692d74697073046d310676313200008041b7b8794200002650b7b879420e73657276696e6706c60100020200b401c40110020674697010000002020000040208436173680000100214747269705f6d696c65731400000107000000000000020000000000001c400000000000001c40000000000000004000000000000000000000000000000840000000000000244000000000000000000000000000002240080002050002200000000000000000000000000000224006000205000000000000',
    says: {
      chunk: {
        chunk: 0,
        chunks: 1,
        part: {
          modelVersion: 'v12',
          rows: 8,
          news: new Map([['tip', 8]]),
          keys: null,
          leaves: [
            {
              values: ['Cash', null],
              features: [
                {
                  feature: 'trip_miles',
                  flags: Float64Array.of(0, 1, 7, 0, 0, 0, 0, 0, 0),
                  numeric: {
                    count: 7,
                    cells: Float64Array.of(2, 5, 0),
                    exact: { weights: Float64Array.of(2, 5) },
                    digest: null,
                  },
                },
              ],
            },
          ],
        },
      },
    },
  },
  {
    type: 'part',
    version: 2,
    hex: '12746178692d74697073046d310676313200008041b7b87942000068b0bab879420e73657276696e6706c60100020200b401c40110020674697010000002020000040208436173680000100214747269705f6d696c65731400000107000000000000020000000000001c400000000000001c40000000000000000000000000000000000a0000000000001c40000000000000284000000000000000400000000000002240080002050002200000000000000040000000000000224006000205000000000c0a0802000002000000000000e041180700000087d61200ffffff7f040002',
    says: {
      chunk: {
        part: {
          leaves: [
            {
              features: [
                {
                  ...{ repeatable: 6, repeats: 5, entityRepeatable: 4, entityRepeats: 1 },
                  numeric: { count: 7, outside: 5 },
                },
              ],
            },
          ],
          keys: {
            threshold: 2 ** 31,
            keys: Uint32Array.of(7, 1234567, 2147483647),
            counts: Float64Array.of(2),
          },
        },
      },
    },
  },
]
