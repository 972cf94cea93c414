import type { Money } from './revenue.ts'

// What payment providers say amounts in: the smallest unit. They write ISK and UGX with two decimals, although there are none.
const withoutDecimals = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ')
const withThree = 'BHD JOD KWD OMR TND'.split(' ')
/** How many of what amounts are said in are one of the currency, in capitals. */
export const unitsOf = (currency: string) =>
  withoutDecimals.includes(currency) ? 1 : withThree.includes(currency) ? 1_000 : 100

interface Page {
  mrr: number
  gross: number
  refunds: number
  fees: number
  customers: Set<string>
}

/** What adds up, by currency; amounts in its smallest unit, not rounded. */
export class Book {
  readonly #pages = new Map<string, Page>()
  readonly #customers = new Set<string>()

  get subscribers(): number {
    return this.#customers.size
  }

  subscription(currency: string, customer: string, perMonth: number): void {
    const page = this.#of(currency)
    page.mrr += perMonth
    page.customers.add(customer)
    this.#customers.add(customer)
  }

  add(currency: string, what: Partial<Pick<Page, 'gross' | 'refunds' | 'fees'>>): void {
    const page = this.#of(currency)
    page.gross += what.gross ?? 0
    page.refunds += what.refunds ?? 0
    page.fees += what.fees ?? 0
  }

  /** In units of the currency, the largest MRR first. */
  currencies({ knowsFees }: { knowsFees: boolean }): Money[] {
    const all = [...this.#pages].map(([currency, { mrr, gross, refunds, fees, customers }]) => {
      const inUnits = (amount: number) => Math.round(amount) / unitsOf(currency)
      return {
        ...{ currency, mrr: inUnits(mrr), gross: inUnits(gross), refunds: inUnits(refunds) },
        fees: knowsFees ? inUnits(fees) : null,
        net: knowsFees ? inUnits(gross - refunds - fees) : null,
        subscribers: customers.size,
      }
    })
    return all.sort((a, b) => b.mrr - a.mrr || (a.currency < b.currency ? -1 : 1))
  }

  #of(code: string): Page {
    const currency = code.toUpperCase()
    const page = this.#pages.get(currency) ?? { mrr: 0, gross: 0, refunds: 0, fees: 0, customers: new Set() }
    this.#pages.set(currency, page)
    return page
  }
}
