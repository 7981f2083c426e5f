"""What a message seems to hold: the plain tricks are found, and what neighbours say to each other is not."""

import pytest

from mutualaid.aid.messages.held import holds
from mutualaid.signs import signs_of

HIDDEN = [
    ("Call me: 416 555 0142", "phone"),
    ("(416) 555-0142", "phone"),
    ("+52 55 1234 5678", "phone"),
    ("4165550142", "phone"),
    ("4.1.6.5.5.5.0.1.4.2", "phone"),
    ("4 1 6 - 5 5 5 - 0 1 4 2", "phone"),
    ("４１６ ５５５ ０１４２", "phone"),
    ("٤١٦ ٥٥٥ ٠١٤٢", "phone"),
    ("④①⑥⑤⑤⑤⓪①④②", "phone"),
    ("4\u200b1\u200b6\u200b5\u200b5\u200b5\u200b0\u200b1\u200b4\u200b2", "phone"),
    ("4l6 555 O142", "phone"),
    ("four one six five five five oh one four two", "phone"),
    ("Four-One-Six, double five five, zero one four two", "phone"),
    ("one six double five one four two", "phone"),
    ("dieciséis triple cinco uno dos", "phone"),
    ("fouronesix fivefivefive 0142", "phone"),
    ("cuatro uno seis cinco cinco cinco cero uno cuatro dos", "phone"),
    ("mi número: cuatro dieciséis, triple cinco, 01 y 42", "phone"),
    ("four1six5five5 and 0142", "phone"),
    ("416📞555📞0142", "phone"),
    ("dee@example.org", "email"),
    ("dee at example dot org", "email"),
    ("dee (at) example [dot] org", "email"),
    ("dee arroba example punto com", "email"),
    ("ｄｅｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", "email"),
    ("I have gmail too, deehelps", "email"),
    ("find me as @deehelps", "handle"),
    ("on t.me/deehelps", "handle"),
    ("https wa.me now", "handle"),
    ("t dot me / deehelps", "handle"),
    ("do you have WhatsApp?", "handle"),
    ("¿tienes whats app?", "handle"),
    ("https://example.org/form", "link"),
    ("HTTP : //example", "link"),
    ("www.example.test", "link"),
    ("see example.com", "link"),
    ("see bit.ly/3abc", "link"),
    ("example dot com", "link"),
    ("example punto com", "link"),
    ("example(dot)com", "link"),
    ("example . com", "link"),
    ("go to 192.168.0.1", "link"),
    ("send me $20", "money"),
    ("20€", "money"),
    ("twenty dollars", "money"),
    ("20 bucks first", "money"),
    ("I pay the rest", "money"),
    ("by e-transfer", "money"),
    ("a gift card is fine", "money"),
    ("PayPal", "money"),
    ("pa\u200bypal", "money"),
    ("mo\u00adney", "money"),
    ("What\u2060sApp", "handle"),
    ("a small fee", "money"),
    ("IBAN ES91 2100 0418 4502 0005 1332", "money"),
    ("veinte dólares", "money"),
    ("son 200 pesos", "money"),
    ("págame antes", "money"),
    ("mándame el dinero", "money"),
    ("haz una transferencia", "money"),
    ("I live at 12 Elm Street", "address"),
    ("Calle Mayor 5", "address"),
]
NAMED = {
    "email": """gmail, hotmail, outlook, yahoo, icloud, protonmail, email me, e-mail me, mi correo, mi email""",
    "handle": """whatsapp, whats app, wasap, guasap, telegram, signal app, instagram, insta, facebook, messenger,
        snapchat, tiktok, discord, skype, wechat, viber""",
    "money": """usd, cad, mxn, ars, gbp, eur, dollar, dollars, buck, bucks, euro, euros, dólar, dólares, pesos, 1
        peso, cash, money, pay, pays, paying, paid, payment, payments, fee, fees, deposit, deposits, loan,
        loans, refund, refunds, wire, bank account, bank transfer, credit card, debit cards, gift card,
        account number, paypal, venmo, zelle, cashapp, cash app, etransfer, e-transfer, interac, western
        union, moneygram, bizum, bitcoin, bitcoins, btc, crypto, usdt, iban, dinero, plata, efectivo, pago,
        pagos, paga, pagas, pagan, pagar, pague, paguen, págame, págale, pagarme, pagarte, pagarle,
        transferencia, transferir, transferime, transfiere, transfiéreme, depósito, depósitos, deposita,
        deposítame, depositar, préstamo, préstamos, cuenta bancaria, cuenta de banco, tarjeta de crédito,
        tarjeta de débito, número de cuenta, cobro, cobra, cobrar, cobrarte, cuota, cuotas, giro, giros,
        fianza""",
}
HARMLESS = [
    "Hello Dee! I am at home on Tuesday between 10:00 and 12:30.",
    "On 2026-11-24 from 10:00 to 12:00, or 25/11/2026 at 14.30.",
    "Two or three boxes would be good. We are five, two of them small.",
    "Is 3 pm fine? I can be there at 4, or on Friday at 5.",
    "I come by bike. I have a red coat and 2 bags.",
    "The food bank gave us rice, 10 pounds of it.",
    "No puedo cargar peso, ¿puede subir usted? Vivo en el tercero.",
    "Gracias, hasta el martes a las once y media.",
    "Merci beaucoup, je suis là à 9h30 ou 10h15.",
    "Please ring twice.Thank you",
    "Take the 501 to the park; I wait at the gate.",
    "شكرا جزيلا، أنا في البيت يوم الثلاثاء",
    "谢谢你，星期二见",
    "pls come 2day i am realy hungry no english good",
    "My phone is broken, so I look here. Do I need my email?",
    "One, two, three: all three kids like apples.",
    "Pay attention to the dog.",
]


@pytest.mark.parametrize(("text", "sign"), HIDDEN)
def test_what_a_coordinator_reads_first(text, sign):
    found = signs_of(text, "CA")
    assert sign in found
    assert holds(found, agreed=False)


@pytest.mark.parametrize("sign", NAMED)
def test_every_name_of_it_is_known(sign):
    names = " ".join(NAMED[sign].split()).split(", ")
    assert [name for name in names if sign not in signs_of(f"I say {name} to you", "CA")] == []


@pytest.mark.parametrize("text", HARMLESS)
def test_what_neighbours_say_to_each_other_goes_straight(text):
    assert signs_of(text, "CA") == []


@pytest.mark.parametrize(
    ("sign", "held"),
    [
        ("phone", False),
        ("email", False),
        ("handle", False),
        ("address", False),
        ("link", True),
        ("money", True),
    ],
)
def test_once_both_said_yes_only_links_and_money_are_held(sign, held):
    assert (holds([sign], agreed=False), holds([sign], agreed=True)) == (True, held)


def test_number_of_a_network_whose_country_nobody_knows_is_found_too():
    assert signs_of("555 0142", None) == ["phone"]


def test_chat_is_a_way_to_reach_somebody_and_no_link():
    assert signs_of("t.me/deehelps", "CA") == ["handle"]
    assert signs_of("dee@example.org", "CA") == ["email"]
