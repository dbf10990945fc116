import { describe } from 'vitest'
import { logContract } from '../../log/contract.js'
import { kafkaSubjects } from './kafka-subject.js'

describe('the log on Kafka', () => {
  logContract(kafkaSubjects())
})
