import { documentsSaying } from './fixture-documents.ts'

interface Language {
  /** As in a document, and as somebody asks for it: another ending, or a part of the word. */
  subjects: readonly (readonly [inDocument: string, asked: string])[]
  says(subject: string, whom: string, value: number): string
  asks(subject: string, whom: string): string
  filler: string
}

const languages: readonly Language[] = [
  {
    subjects: [
      ['insurance policy', 'insurance policies'],
      ['rental agreement', 'rent agreements'],
      ['kitchen renovation', 'renovating the kitchen'],
      ['dentist appointment', 'appointments at the dentist'],
      ['software licence', 'licences for software'],
    ],
    says: (subject, whom, value) => `The ${subject} with ${whom} was signed and comes to ${value} euros.`,
    asks: (subject, whom) => `How much did we pay for the ${subject} with ${whom}?`,
    filler:
      'meeting notes about the next steps weather budget travel team reading garden music letters from friends and other things',
  },
  {
    subjects: [
      ['Haftpflichtversicherung', 'Versicherung'],
      ['Stromrechnung', 'Rechnungen'],
      ['Küchenrenovierung', 'Renovierung'],
      ['Mietvertragsverlängerung', 'Verlängerung'],
      ['Jahresabschluss', 'Jahresabschlüsse'],
    ],
    says: (subject, whom, value) => `Die ${subject} bei ${whom} kostet im Jahr ${value} Euro.`,
    asks: (subject, whom) => `Wie viel kostet die ${subject} bei ${whom}?`,
    filler:
      'Notizen zum Treffen nächste Schritte Wetter Haushalt Reise Mannschaft Bücher Garten Musik Briefe von Freunden und anderes',
  },
  {
    subjects: [
      ["police d'assurance", 'assurances'],
      ['facture d’électricité', 'factures électricité'],
      ['rénovation de la cuisine', 'rénovations cuisine'],
      ['contrat de location', 'contrats de location'],
      ['déclaration fiscale', 'déclarations fiscales'],
    ],
    says: (subject, whom, value) => `La ${subject} avec ${whom} coûte ${value} euros par an.`,
    asks: (subject, whom) => `Combien coûte la ${subject} avec ${whom} ?`,
    filler:
      'notes de la réunion prochaines étapes météo budget voyage équipe lecture jardin musique lettres des amis et autres choses',
  },
  {
    subjects: [
      ['póliza de seguro', 'seguros póliza'],
      ['factura de electricidad', 'facturas electricidad'],
      ['renovación de la cocina', 'renovaciones cocina'],
      ['contrato de alquiler', 'contratos de alquiler'],
      ['declaración fiscal', 'declaraciones fiscales'],
    ],
    says: (subject, whom, value) => `La ${subject} con ${whom} cuesta ${value} euros al año.`,
    asks: (subject, whom) => `¿Cuánto cuesta la ${subject} con ${whom}?`,
    filler:
      'notas de la reunión próximos pasos tiempo presupuesto viaje equipo lectura jardín música cartas de amigos y otras cosas',
  },
]

const parts = 'Ba Ke Lo Mi Nu Ra Se To Vi Wu Do Fe Ga Hi Ju Ka'.split(' ')
const ends = 'rmann lten nsen vico ller rtini bault ndez'.split(' ')

/** Numbers that are the same each time. */
function* numbers(): Generator<number, never> {
  let state = 42
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    yield state / 2_147_483_648
  }
}

export interface Made {
  path: string
  content: string | Uint8Array
  question: string
}

/** `count` documents of all kinds in four languages, each with a question that it alone answers. Fourteen of fifteen words are in many. */
export function* manyDocuments(count: number): Generator<Made> {
  const random = numbers()
  const below = (most: number) => Math.floor(random.next().value * most)
  const kinds = Object.keys(documentsSaying)
  const seen = new Set<string>()
  for (let n = 0; n < count; ) {
    const language = languages[n % languages.length]!
    const subject = language.subjects[below(5)]!
    const whom = [0, 1]
      .map(() => `${parts[below(16)]}${parts[below(16)]!.toLowerCase()}${ends[below(8)]}`)
      .join(' ')
    if (seen.has(`${subject[0]} ${whom}`)) continue
    seen.add(`${subject[0]} ${whom}`)
    const words = language.filler.split(' ')
    const filler = () => Array.from({ length: 60 }, () => words[below(words.length)]).join(' ')
    const text = `${filler()}. ${language.says(subject[0], whom, 100 + below(9_000))} ${filler()}.`
    const kind = kinds[n % kinds.length]!
    const path = `${n % 40}/${n % 7}/${n}${kind.slice(1)}`
    const content = documentsSaying[kind]!(kind === 'x.pdf' ? text.replaceAll('’', "'") : text)
    yield { path, content, question: language.asks(subject[1], whom) }
    n += 1
  }
}
