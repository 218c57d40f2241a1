"""Events of Alexa, Lex and Connect, who talk to people.

Mirrors "Request and Response JSON Reference" (Alexa Skills Kit), "Alexa Smart Home Interfaces", "Lambda function input
event" (Lex V1) and "Invoke Lambda functions" (Connect).
"""

from __future__ import annotations

from typing import Any

from lambda_emulator.arn import ACCOUNT_ID, REGION
from lambda_emulator.sample_events.common import new_id, today

_SESSION = "123456789012"
_USER = "testUser"
_APPLICATION = "987654321"
_REQUEST = "1234"


def start_session(
    *, session_id: str = _SESSION, user_id: str = _USER, application_id: str = _APPLICATION, request_id: str = _REQUEST
) -> dict[str, Any]:
    """Somebody has started the skill without saying what for."""
    return _alexa(session_id, user_id, application_id, request_id, {"type": "LaunchRequest"}, new=True)


def end_session(
    *, session_id: str = _SESSION, user_id: str = _USER, application_id: str = _APPLICATION, request_id: str = _REQUEST
) -> dict[str, Any]:
    """The session has ended."""
    request = {"type": "SessionEndedRequest", "reason": "USER_INITIATED"}
    return _alexa(session_id, user_id, application_id, request_id, request)


def intent_answer(
    *, session_id: str = _SESSION, user_id: str = _USER, application_id: str = _APPLICATION, request_id: str = _REQUEST
) -> dict[str, Any]:
    """Somebody has answered a question of a quiz."""
    return _intent(session_id, user_id, application_id, request_id, "AnswerIntent", Answer="3")


def intent_getnewfact(
    *, session_id: str = _SESSION, user_id: str = _USER, application_id: str = _APPLICATION, request_id: str = _REQUEST
) -> dict[str, Any]:
    """Somebody asks for a fact."""
    return _intent(session_id, user_id, application_id, request_id, "GetNewFactIntent")


def intent_mycoloris(
    *, session_id: str = _SESSION, user_id: str = _USER, application_id: str = _APPLICATION, request_id: str = _REQUEST
) -> dict[str, Any]:
    """Somebody tells a colour."""
    return _intent(session_id, user_id, application_id, request_id, "MyColorIsIntent", Color="blue")


def intent_recipe(
    *, session_id: str = _SESSION, user_id: str = _USER, application_id: str = _APPLICATION, request_id: str = _REQUEST
) -> dict[str, Any]:
    """Somebody asks for a recipe."""
    return _intent(session_id, user_id, application_id, request_id, "RecipeIntent", Item="snow golem")


def _intent(
    session_id: str, user_id: str, application_id: str, request_id: str, name: str, **slots: str
) -> dict[str, Any]:
    filled = {slot: {"name": slot, "value": value, "confirmationStatus": "NONE"} for slot, value in slots.items()}
    intent = {"name": name, "confirmationStatus": "NONE", "slots": filled}
    request = {"type": "IntentRequest", "dialogState": "COMPLETED", "intent": intent}
    return _alexa(session_id, user_id, application_id, request_id, request)


def _alexa(
    session_id: str, user_id: str, application_id: str, request_id: str, request: dict[str, Any], *, new: bool = False
) -> dict[str, Any]:
    application = {"applicationId": f"amzn1.ask.skill.{application_id}"}
    user = {"userId": f"amzn1.ask.account.{user_id}"}
    session = f"amzn1.echo-api.session.{session_id}"
    device = {"deviceId": "amzn1.ask.device.example", "supportedInterfaces": {}}
    return {
        "version": "1.0",
        "session": {"new": new, "sessionId": session, "application": application, "attributes": {}, "user": user},
        "context": {"System": {"application": application, "user": user, "device": device}},
        "request": {
            **request,
            "requestId": f"amzn1.echo-api.request.{request_id}",
            "timestamp": today(),
            "locale": "en-US",
        },
    }


def smart_home_discovery() -> dict[str, Any]:
    """Alexa looks for devices."""
    header = _directive("Alexa.Discovery", "Discover")
    return {"directive": {"header": header, "payload": {"scope": _token()}}}


def smart_home_turn_on() -> dict[str, Any]:
    """A device is to be switched on."""
    return _power("TurnOn")


def smart_home_turn_off() -> dict[str, Any]:
    """A device is to be switched off."""
    return _power("TurnOff")


def _power(name: str) -> dict[str, Any]:
    header = {**_directive("Alexa.PowerController", name), "correlationToken": "example"}
    return {
        "directive": {
            "header": header,
            "endpoint": {"scope": _token(), "endpointId": "appliance-001", "cookie": {}},
            "payload": {},
        }
    }


def _directive(namespace: str, name: str) -> dict[str, str]:
    return {"namespace": namespace, "name": name, "payloadVersion": "3", "messageId": new_id()}


def _token() -> dict[str, str]:
    return {"type": "BearerToken", "token": "access-token-from-skill"}


def _lex(bot: str, intent: str, slots: dict[str, str | None]) -> dict[str, Any]:
    return {
        "messageVersion": "1.0",
        "invocationSource": "DialogCodeHook",
        "userId": "somebody",
        "sessionAttributes": {},
        "requestAttributes": None,
        "bot": {"name": bot, "alias": "$LATEST", "version": "$LATEST"},
        "outputDialogMode": "Text",
        "currentIntent": {
            "name": intent,
            "slots": slots,
            "slotDetails": {name: {"resolutions": [], "originalValue": value} for name, value in slots.items()},
            "confirmationStatus": "None",
        },
        "inputTranscript": "",
    }


def book_car() -> dict[str, Any]:
    """Somebody books a car."""
    slots = {"PickUpCity": "Chicago", "PickUpDate": "2030-11-08", "ReturnDate": "2030-11-12", "DriverAge": "25"}
    return _lex("BookTrip", "BookCar", {**slots, "CarType": None})


def book_hotel() -> dict[str, Any]:
    """Somebody books a hotel."""
    slots = {"Location": "Chicago", "CheckInDate": "2030-11-08", "Nights": "4", "RoomType": None}
    return _lex("BookTrip", "BookHotel", slots)


def make_appointment() -> dict[str, Any]:
    """Somebody makes an appointment."""
    return _lex(
        "MakeAppointment", "MakeAppointment", {"AppointmentType": "cleaning", "Date": "2030-11-08", "Time": None}
    )


def order_flowers() -> dict[str, Any]:
    """Somebody orders flowers."""
    return _lex(
        "OrderFlowers", "OrderFlowers", {"FlowerType": "lilies", "PickupDate": "2030-11-08", "PickupTime": "10:00"}
    )


def contact_flow(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    contact_id: str = "5ca32fbd-8f92-46af-92a5-6b0f970f0efe",
    phone_number: str = "+11234567890",
) -> dict[str, Any]:
    """A call has come to the block of a flow that invokes a function."""
    instance = f"arn:{partition}:connect:{region}:{account_id}:instance/9308c2a1-9bc6-4cea-8290-6c0b4a6d38fa"
    return {
        "Name": "ContactFlowEvent",
        "Details": {
            "ContactData": {
                "Attributes": {},
                "Channel": "VOICE",
                "ContactId": contact_id,
                "CustomerEndpoint": _telephone(phone_number),
                "InitialContactId": contact_id,
                "InitiationMethod": "INBOUND",
                "InstanceARN": instance,
                "LanguageCode": "en-US",
                "MediaStreams": {},
                "PreviousContactId": contact_id,
                "Queue": None,
                "SystemEndpoint": _telephone("+21234567890"),
            },
            "Parameters": {"sentAttributeKey": "sentAttributeValue"},
        },
    }


def _telephone(number: str) -> dict[str, str]:
    return {"Address": number, "Type": "TELEPHONE_NUMBER"}
