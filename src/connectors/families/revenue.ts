import * as z from 'zod'
import { saidLater } from '../../../locales/say.ts'
import { counted } from '../../mcp/own-words.ts'
import type { Ask } from '../kit/ask.ts'
import { defineTool } from '../kit/connector.ts'
import type { Fields, ValuesOf } from '../kit/fields.ts'
import { daysOf, type Range, range } from './ranges.ts'

export const revenueExamples = [
  saidLater('connector.revenue.example.mrr'),
  saidLater('connector.revenue.example.month'),
  saidLater('connector.revenue.example.refunds'),
]

const Money = z.object({
  currency: z.string().describe('ISO 4217, such as EUR'),
  mrr: z
    .number()
    .describe('Monthly recurring revenue now, in units of the currency; how: docs/revenue.md of Drawbridge'),
  gross: z.number().describe('Paid by customers in the range'),
  refunds: z.number().describe('Given back in the range, disputes that were lost included'),
  fees: z.number().nullable().describe('Taken by the provider; null where it does not say'),
  net: z.number().nullable().describe('What is left of gross; null where fees are not known'),
  subscribers: z.number().int().describe('Customers with an active or past due subscription'),
})
export type Money = z.infer<typeof Money>

const Revenue = z.object({
  range: z.string(),
  from: z.string(),
  to: z.string(),
  currencies: z.array(Money).describe('Each for itself; amounts of different currencies are never added up'),
  subscribers: z.number().int().describe('Customers with an active or past due subscription, all currencies'),
  trials: z.number().int().describe('Subscriptions on trial; not in mrr'),
  uncounted: z.object({
    byUsage: z
      .number()
      .int()
      .describe('Subscriptions that are paid by usage in part or whole, which is not part of mrr'),
    unreadable: z.number().int().describe('Subscriptions of which a part could not be read, which mrr lacks'),
    olderSubscriptions: z.boolean().describe('There are more than could be read; mrr lacks the oldest'),
    paymentsSince: z
      .string()
      .nullable()
      .describe('A day: there were so many payments that gross, refunds, fees and net begin here'),
  }),
})
export type Revenue = z.infer<typeof Revenue>

/** `get_revenue`, for a service that knows it. */
export const defineRevenue = <F extends Fields>(
  fields: F,
  find: (wanted: { range: Range }, ask: Ask<ValuesOf<F>>) => Promise<Revenue>,
) =>
  defineTool(fields, {
    name: 'get_revenue',
    title: 'Revenue',
    description:
      'Monthly recurring revenue (MRR), gross and net revenue, refunds, fees and subscribers of the payment accounts that are set up, each currency for itself.',
    input: z.strictObject({ range }),
    output: Revenue,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    asksAll: true,
    answer: find,
    say: ({ currencies, from, to, subscribers, uncounted }) =>
      [
        ...(currencies.length === 0 ? [`No revenue from ${from} to ${to}, and no subscriptions.`] : []),
        ...currencies.map(
          (one) =>
            `${one.currency}: MRR ${amount(one.mrr)}; from ${from} to ${to} gross ${amount(one.gross)}, refunds ${amount(one.refunds)}${one.net === null ? '' : `, net ${amount(one.net)}`}; ${counted(one.subscribers, 'subscriber')}.`,
        ),
        ...(currencies.length > 1 ? [`${counted(subscribers, 'subscriber')} in all.`] : []),
        uncounted.byUsage > 0
          ? `Paid by usage, which is not in MRR: ${counted(uncounted.byUsage, 'subscription')}.`
          : '',
        uncounted.unreadable > 0
          ? `MRR lacks a part of ${counted(uncounted.unreadable, 'subscription')}.`
          : '',
        uncounted.olderSubscriptions ? 'MRR lacks the oldest subscriptions: there are too many.' : '',
        uncounted.paymentsSince
          ? `Gross and net begin on ${uncounted.paymentsSince}: too many payments.`
          : '',
      ]
        .filter(Boolean)
        .join(' '),
    demo: ({ range: wanted }, now) => {
      const { from, to } = daysOf(wanted, now)
      const months = { '7d': 0.25, '30d': 1, '3m': 3, '1y': 12 }[wanted]
      const gross = Math.round(4_310 * months)
      const refunds = Math.round(90 * months)
      const fees = Math.round(150 * months)
      const euros = { currency: 'EUR', mrr: 4_120, gross, refunds, fees, net: gross - refunds - fees }
      return {
        ...{ range: wanted, from, to, subscribers: 164, trials: 9 },
        uncounted: { byUsage: 0, unreadable: 0, olderSubscriptions: false, paymentsSince: null },
        currencies: [{ ...euros, subscribers: 164 }],
      }
    },
  })

const amount = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 2 })

/** An amount that a service gives exactly as a text, or else as a whole number. */
export const decimal = (exact: string | null | undefined, whole: number | null | undefined) =>
  exact ? Number(exact) : (whole ?? 0)
