"""Drafts of answers to support tickets, by a hosted language model."""

from openai import OpenAI

_client = OpenAI()
MODEL = "gpt-4o-mini"


def _prompt(lines):
    return "\n".join(["You answer for a mobile carrier.", *lines])


def draft(subscriber, topic):
    prompt = _prompt([f"Topic: {topic}", f"Customer: {subscriber.full_name}, {subscriber.home_address}"])
    reply = _client.chat.completions.create(  # expect: PIL091 name,address
        model=MODEL,
        messages=[{"role": "user", "content": prompt}],
    )
    return reply.choices[0].message.content


def draft_plain(subscriber, topic):
    prompt = _prompt([f"Topic: {topic}", f"Tariff: {subscriber.tariff}"])
    reply = _client.chat.completions.create(  # ok: topic and tariff
        model=MODEL,
        messages=[{"role": "user", "content": prompt}],
    )
    return reply.choices[0].message.content
